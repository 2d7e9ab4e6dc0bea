"""Ends over SSH are as exact as here: codes, signals, whole trees, and every byte of what was asked."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import pytest

from runyard.application.ports.executor import SignalKind, StartOrder
from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.ids import AttemptRef
from tests.contracts.hosts import Line, a_ref
from tests.integration.containment.shapes import NASTY, SHAPES, Shape, fresh_token, holders, is_ready, survives
from tests.integration.server import arguments_of

from .far_yard import FarYard
from .full import sized
from .sshd import Sshd

CODES = sized((*range(0, 256, 17), 1, 2, 126, 127, 128, 129, 137, 143), tuple(range(256)))
SIGNALS = sized((1, 2, 3, 6, 9, 11, 13, 15), tuple(range(1, 16)))
PARTS = (
    "'",
    '"',
    "`id`",
    "$(id)",
    "${HOME}",
    "\\",
    "\n",
    "\r\n",
    ";",
    "&&",
    "|",
    "*",
    "~",
    "!x",
    "%s",
    "--",
    "-rf",
    " ",
    "",
)
CORPUS = [a + b + c for a, b, c in product(PARTS, PARTS, ("", "ü€\U0001f600", "\x1b[31m"))]


@pytest.fixture(scope="module")
def far_yard(host: Sshd) -> Iterator[FarYard]:
    yard = FarYard(host)
    yield yard
    yard.close()


@pytest.fixture
def line(far_yard: FarYard) -> Iterator[Line]:
    line = Line(far_yard.another())
    yield line
    line.let_go()


def test_f52_every_code_and_every_signal_is_told_as_what_it_is(line: Line) -> None:
    ended = [StartOrder(ref=a_ref(), command=("/bin/sh", "-c", f"exit {code}")) for code in CODES]
    killed = [StartOrder(ref=a_ref(), command=("/bin/sh", "-c", f"kill -{number} $$; sleep 9")) for number in SIGNALS]
    line.start(*ended, *killed)

    assert [line.end_of(order.ref).exit_code for order in ended] == list(CODES)
    assert [line.end_of(order.ref).signal for order in killed] == list(SIGNALS)


def test_a_thousand_hostile_values_arrive_byte_for_byte(line: Line, ground: Path) -> None:
    assert len(CORPUS) > 1000
    canary = ground / "canary"
    values = [*CORPUS, f"$(touch {canary})", f"`touch {canary}`", f"'; touch {canary} #", f"\n touch {canary}\n"]
    said = (
        "import json,os,sys; count = int(os.environ['N']); "
        "print(json.dumps([sys.argv[1:], [os.environ[f'V{n}'] for n in range(count)]]))"
    )
    env = {f"V{number}": value for number, value in enumerate(values)} | {"N": str(len(values))}
    ref = line.run(("python3", "-c", said, *values), env=env, stdin="".join(values))

    assert line.end_of(ref).exit_code == 0
    assert json.loads(line.printed(ref)) == [values, values]
    assert not canary.exists()


def test_f48_who_ignores_the_cancel_is_gone_after_its_grace(line: Line) -> None:
    ref = line.run(("/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"), grace_period=1.0)
    line.until(lambda: line.printed(ref))
    asked = time.monotonic()
    line.wish(ref, SignalKind.CANCEL)
    outcome = line.end_of(ref)

    assert (outcome.signal, outcome.tree_empty) == (9, True)
    assert 1.0 <= time.monotonic() - asked < 30.0


def test_b16_a_cancel_reaches_the_process_within_two_seconds(line: Line) -> None:
    """Fifty at once; each says when it was told, by the clock of the machine both stand on."""
    told = (
        # Not by print, which a signal in the midst of a print may not enter again.
        "import os,signal,time; signal.signal(15, lambda *_: (os.write(1, b'%r' % time.time()), os._exit(0))); "
        "os.write(1, b'up '); time.sleep(99)"
    )
    orders = [StartOrder(ref=a_ref(), command=("python3", "-c", told)) for _ in range(50)]
    line.start(*orders)
    line.until(lambda: all(line.printed(order.ref) for order in orders))
    asked = time.time()
    for order in orders:
        line.wish(order.ref, SignalKind.CANCEL)
    for order in orders:
        line.end_of(order.ref)

    waits = sorted(float(line.printed(order.ref).split()[1]) - asked for order in orders)
    assert waits[-1] < 2.0


def test_f50_a_daemon_that_holds_the_output_does_not_hold_up_the_end(line: Line) -> None:
    ref = line.run(("/bin/sh", "-c", "sleep 600 & echo $!; exit 3"))
    begun = time.monotonic()
    outcome = line.end_of(ref)

    assert (outcome.exit_code, outcome.tree_empty) == (3, True)
    assert time.monotonic() - begun < 60
    assert not Path(f"/proc/{line.printed(ref).decode().strip()}").exists()


WAYS = sized(("cancel",), ("cancel", "kill", "timeout", "both"))
"""How each shape is ended; with all of them there are more than fifty."""


def end(line: Line, ref: AttemptRef, way: str) -> None:
    """Ask for its end; a timeout comes by itself."""
    for kind in {"cancel": ["cancel"], "kill": ["kill"], "both": ["cancel", "kill"]}.get(way, []):
        line.wish(ref, SignalKind(kind))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if not shape.needs_root], ids=str)
def test_f49_nothing_survives_a_cancel(shape: Shape, line: Line, ground: Path, way: str) -> None:
    program = ground / "nasty.py"
    if not program.exists():
        shutil.copy(NASTY, program)
        program.chmod(0o644)
    folder = ground / "tokens"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    with ExitStack() as stack:
        token = stack.enter_context(fresh_token(folder, shape.name))
        nasty = ("python3", "-S", "-E", "-B", str(program), shape.name, str(token))
        ref = line.run(nasty, grace_period=0.3, run_timeout=2.5 if way == "timeout" else None)
        line.until(lambda: is_ready(token))
        line.listen(shape.settle)
        if shape.first_process_ends:
            line.end_of(ref)
        end(line, ref, way)
        outcome = line.end_of(ref)

        assert not survives(token), holders(token)
        assert outcome.tree_empty is not False
        endings = (Ending.TIMEOUT, Ending.SIGNAL, Ending.EXIT) if way == "timeout" else (Ending.SIGNAL, Ending.EXIT)
        assert outcome.ending in ((Ending.EXIT,) if shape.first_process_ends else endings)
        Path(f"{token}.ready").unlink()


def test_nothing_of_a_job_stands_in_a_command_line_or_a_log(line: Line, host: Sshd) -> None:
    secret = "s3cr3t-" + os.urandom(8).hex()
    script = f'read word; test "$word" = {secret}; test "$TOKEN" = {secret}; echo up; sleep 60'
    ref = line.run(("/bin/sh", "-s"), stdin=f"{secret}\n", env={"TOKEN": secret})
    line.end_of(ref)
    ref = line.run(script, stdin=f"{secret}\n", env={"TOKEN": secret})
    line.until(lambda: line.printed(ref))
    seen = b"".join(arguments_of(int(path.name)) for path in Path("/proc").glob("[0-9]*"))

    assert secret.encode() not in seen
    assert secret not in host.log
