"""Writes `docs/failures.md` from the names of the tests: `python -m tests.failures_page`.

A test called `test_f8_…` holds fault F8, one called `test_f17_f18_…` two of them; those whose docstring begins with
"The defence off" show that the promise would break without it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.proofs.defences import DEFENCES, IN_TIME, WHILE_ALONE
from tests.proofs.rules import IN_SQL, RULES

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "failures.md"

PROMISES: Final = {
    "G1": "Accepted is never lost: a submission answered 2xx is committed, and its job reaches an end",
    "G2": "At most one attempt's outcome counts; reports under an old fence change nothing",
    "G3": "With `on_lost: fail` a job is started at most once",
    "G4": "A job whose attempts were lost `crash_limit` times ends",
    "G5": "When cancel answers 2xx no further attempt starts, and an end never changes",
    "G6": "A driver that died is replaced within its lease and two seconds",
    "G7": "Where attempts have a lease, the old process is gone before a new one of its job starts",
    "G8": "Stored output is what the process wrote, each byte once, up to the log limit",
    "G12": "On SIGTERM a process claims nothing more, hands over and exits with 0; no job is restarted for it",
    "G18": "A host reached by SSH is the one it was, by a pinned key; its shell and its limits do not matter, or it is "
    "refused with what to do",
    "G19": "What runs on a host does not depend on the connection to it: it goes on and is collected, and silence is "
    "noticed within 15 s",
    "G20": "An end is told as it was, code and signal apart, as soon as the process ends; its whole tree is ended, and "
    "whether that was seen is said",
    "G21": "A runner has one machine: a second process and a copy of an old token are refused, and people are told",
}

FAULTS: Final = {
    "F1": ("a server is killed while callers submit", "G1"),
    "F2": ("a server is killed between commit and answer", "G1"),
    "F3": ("a worker is killed while its jobs run", "G6"),
    "F4": ("a driver is killed between claim and start", "G2"),
    "F5": ("a driver is killed between start and noting it", "G2"),
    "F6": ("a driver is stopped beyond its lease and goes on", "G2"),
    "F8": ("the supervisor is killed", "G3"),
    "F12": ("servers and workers are restarted one after another", "G12"),
    "F16": ("PostgreSQL is stopped at once and started again, under load", "G1"),
    "F17": ("the connection is cut before COMMIT arrives", "G1"),
    "F18": ("the connection is cut before the answer to COMMIT arrives", "G1"),
    "F19": ("connections to PostgreSQL are ended at random", "G1"),
    "F20": ("many transactions meet at the same rows", "G2"),
    "F26": ("all connections of the pool are taken", "G6"),
    "F27": ("a connection to the database is silent without being closed", "G6"),
    "F30": ("writers to SQLite are killed in the middle of a write", "G1"),
    "F33": ("Redis forgets everything", "G1"),
    "F34": ("Redis is stopped for a while", "G1"),
    "F35": ("Redis starts again, empty", "G1"),
    "F36": ("rings are lost", "G1"),
    "F37": ("rings come late, or twice", "G2"),
    "F42": ("connections to a host are cut again and again", "G19"),
    "F43": ("a host stands still while its network still answers", "G19"),
    "F44": ("an SSH server is killed with its sessions, and started again", "G19"),
    "F45": ("the key of a host changes", "G18"),
    "F46": ("a host shows a key that nobody pinned", "G18"),
    "F47": ("an SSH server allows few sessions", "G18"),
    "F48": ("a process on a host ignores TERM", "G20"),
    "F49": ("a job on a host starts what tries to outlive it", "G20"),
    "F50": ("a daemon on a host keeps the output of its job open", "G20"),
    "F51": ("a job on a host starts processes without end", "G20"),
    "F52": ("a process on a host ends by a signal, or with a code that looks like one", "G20"),
    "F53": ("the disk of a host is full", "G19"),
    "F56": ("a login shell prints, is slow or odd, hides the interpreter, or there is none", "G18"),
    "F58": ("a host hears of nobody for less than the lease of its jobs", "G7"),
    "F59": ("a host is cut off, or dead, for longer than the lease of its jobs", "G7"),
    "F60": ("a host comes back whose job was given to another meanwhile", "G2"),
    "F61": ("the folder of an agent is copied, or its token is revoked or replaced", "G21"),
    "F62": ("a host can speak and hears nothing", "G7"),
    "F63": ("a line loses packets and is slow", "G19"),
    "F64": ("the clock of an agent's machine leaps an hour ahead, and back", "G7"),
    "F65": ("the clock of the database leaps", "G7"),
    "F67": ("names are not resolved, a certificate has expired, a proxy says 502", "G19"),
    "F68": ("many agents come back at once after an outage", "G19"),
    "F69": ("a submission is repeated", "G1"),
    "F70": ("a key is used for another submission", "G1"),
    "F71": ("a cancel meets an end, a claim or another cancel", "G5"),
    "F72": ("a job prints a gigabyte", "G8"),
    "F73": ("output is binary, NUL, invalid UTF-8 or one endless line", "G8"),
    "F77": ("pieces of output come twice, overlapping, out of order, with gaps", "G8"),
    "F83": ("the answer to an exchange of an agent's token is lost", "G21"),
    "F88": ("a backup is restored, and hosts know more than the store", "G2"),
}

GUARDS: Final = {
    "F1": ("repeated submissions are recognised", "what was committed stays"),
    "F2": ("repeated submissions are recognised",),
    "F4": ("drivers look at the books",),
    "F5": ("an attempt starts once on a host", "an attempt that ended is remembered for a while"),
    "F8": ("what may start once does not start again", "losses are counted"),
    "F16": ("what was committed stays",),
    "F19": ("what was committed stays", "repeated submissions are recognised"),
    "F33": ("drivers claim though nobody rings",),
    "F34": ("drivers claim though nobody rings",),
    "F35": ("drivers claim though nobody rings",),
    "F36": ("drivers claim though nobody rings",),
    "F37": ("a runner has so many slots",),
    "F59": ("a host ends what nobody renews", "nothing is lost before its lease has ended"),
    "F60": ("the fence is compared",),
    "F69": ("repeated submissions are recognised",),
    "F70": ("a key names one submission",),
}
"""What holds the promise when the fault comes, where it is switched off for all faults at once; see below."""

NOT_PROMISED: Final = (
    "That a command has its effects exactly once. It may start more than once; `on_lost: fail` makes that one at most.",
    "That a job is contained: without containers a command may do whatever its user may.",
    "That nothing is lost when a standby that lags behind takes over from PostgreSQL.",
    "That anything survives a power loss while `fsync` or `synchronous_commit` is off.",
    "That the whole tree is ended on hosts whose containment is `group`; `end_confirmed` says what was seen.",
    "That a restored store knows what happened since its backup: what ran then runs again, `on_lost: fail` or not.",
    "That processes of a job never overlap if the kernel of a host, boot-time clock and all, stands still for a lease.",
    "That the database's clock may leap ahead by more than a lease while no worker runs that would see it leap.",
    "That jobs outlive their supervisor: `kill -9` of it ends those of its host, and they are reported `lost`.",
)

_NAME: Final = re.compile(r"test((?:_f\d+)+)_(\w+)")


@dataclass(frozen=True, order=True)
class Proof:
    """A test of a fault."""

    file: str
    name: str
    without: bool


def proofs() -> dict[str, list[Proof]]:
    """The tests of each fault, found by their names."""
    found: dict[str, list[Proof]] = {fault: [] for fault in FAULTS}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in _functions(path):
            named = _NAME.fullmatch(node.name)
            without = (ast.get_docstring(node) or "").startswith("The defence off")
            for fault in named[1].upper().split("_")[1:] if named else ():
                found.setdefault(fault, []).append(Proof(str(path.relative_to(ROOT)), node.name, without))
    return found


def page() -> str:
    """The whole page."""
    return "\n".join([*_head(), *_promises(), *_faults(), *_defences(), *_rest(), ""])


def _functions(path: Path) -> Iterator[ast.FunctionDef]:
    text = path.read_text()
    if "def test_f" in text:
        yield from (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))


def _head() -> list[str]:
    return [
        "# What may fail, and what holds all the same",
        "",
        "Every fault below is brought about by a test that carries its name, on real processes and databases where",
        "the fault is one of theirs. *Without* names a test that switches the defence off and sees the promise break,",
        "or the defence, if it is among those at the end of the page.",
        "Beside them `tests/proofs` searches for what nobody thought of: a state machine over memory, SQLite and",
        "PostgreSQL (`make prove`), a simulator under a virtual clock (`make simulate`), and a chaos driver over real",
        "processes (`make chaos`).",
        "",
        "This page is written by `python -m tests.failures_page`, and a test compares the two.",
        "",
    ]


def _promises() -> list[str]:
    return ["| promise | in words |", "|---|---|", *(f"| {name} | {text} |" for name, text in PROMISES.items()), ""]


def _faults() -> list[str]:
    found = proofs()
    lines = ["| fault | what happens | promise | tests |", "|---|---|---|---|"]
    for fault, (what, promise) in FAULTS.items():
        if found[fault]:
            tests = [*map(_told, sorted(found[fault])), *(f"*Without:* {guard}" for guard in GUARDS.get(fault, ()))]
            lines.append(f"| {fault} | {what} | {promise} | {'<br>'.join(tests)} |")
    return [*lines, ""]


def _defences() -> list[str]:
    machine, simulator = "tests/unit/proofs/test_machine.py", "tests/unit/proofs/test_simulator.py"
    listed = [(name, machine) for name in DEFENCES | RULES | IN_SQL]
    listed += [(name, simulator) for name in IN_TIME | WHILE_ALONE]
    return [
        "## Defences that were switched off",
        "",
        "A proof that cannot fail proves nothing: with each of these switched off, the test beside it finds a broken",
        "promise, or an answer that is not what it should be.",
        "",
        "| defence | noticed by |",
        "|---|---|",
        *(f"| {name} | [{Path(file).stem.removeprefix('test_')}](../{file}) |" for name, file in listed),
        "",
    ]


def _told(proof: Proof) -> str:
    words = _NAME.fullmatch(proof.name)
    assert words is not None
    sentence = words[2].replace("_", " ")
    return f"{'*Without:* ' if proof.without else ''}[{sentence}](../{proof.file})"


def _rest() -> list[str]:
    missing = [fault for fault, tests in proofs().items() if not tests]
    lines = ["## What is not promised", "", *(f"- {sentence}" for sentence in NOT_PROMISED)]
    if missing:
        listed = "; ".join(f"{FAULTS[fault][0]} ({fault})" for fault in missing)
        lines += ["", "## What no test brings about yet", "", f"Nothing is promised for these: {listed}."]
    return lines


if __name__ == "__main__":
    PAGE.write_text(page())
