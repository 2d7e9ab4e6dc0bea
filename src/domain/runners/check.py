"""What was found when a host was looked over: whether it can be a runner, and what to know about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

LEAST_PYTHON: Final = (3, 8)
_SLOW_SECONDS: Final = 2.0
_LITTLE_SPACE: Final = 256 << 20
_CLOCK_SECONDS: Final = 5.0


class Verdict(StrEnum):
    """What a finding means for the runner."""

    OK = "ok"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: an open code, and a sentence that says what to do if it is not well."""

    name: str
    verdict: Verdict
    told: str


@dataclass(frozen=True, slots=True)
class HostCheck:
    """Everything that was found at a moment, in the order of looking; `cores` is how many the host has, if known."""

    at: datetime
    findings: tuple[Finding, ...]
    cores: int | None = None

    @property
    def fit(self) -> bool:
        """Whether nothing keeps the host from being a runner."""
        return all(finding.verdict is not Verdict.REFUSED for finding in self.findings)

    @property
    def refusals(self) -> str:
        """What keeps it from that, for people."""
        return "; ".join(finding.told for finding in self.findings if finding.verdict is Verdict.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """What a host says of itself and how it answered; `work_root_error` is why the work root cannot be written.

    `noise` is what the login shell printed before anything of ours ran. `ends_processes` is whether the host ends what
    a user left running at logout. `sessions` is how many could be had on one connection, of eight asked for.
    """

    python: tuple[int, int, int]
    interpreter: str
    cores: int
    work_root: str
    work_root_error: str | None
    free_bytes: int
    containment: str
    seconds_ahead: float
    shell_seconds: float
    noise: bytes
    sessions: int
    ends_processes: bool
    boot_id: str


def judged(facts: HostFacts) -> Iterator[Finding]:
    """What the facts mean."""
    version = ".".join(map(str, facts.python))
    yield Finding("interpreter", Verdict.OK, f"{facts.interpreter} is Python {version}")
    if facts.work_root_error:
        advice = "give another with work_root" if "space" not in facts.work_root_error else "make room there"
        told = f"{facts.work_root} cannot be written: {facts.work_root_error}; {advice}"
        yield Finding("work_root", Verdict.REFUSED, told)
    else:
        yield Finding("work_root", Verdict.OK, f"{facts.work_root} can be written")
        yield _disk(facts)
    yield _containment(facts.containment)
    yield _sessions(facts.sessions)
    yield _shell(facts)
    yield _clock(facts.seconds_ahead)
    if facts.ends_processes:
        told = (
            "the host ends what a user leaves running at logout (KillUserProcesses=yes): jobs would end with the "
            "connection; run `loginctl enable-linger` there for this account"
        )
        yield Finding("logout", Verdict.WARNING, told)


def _disk(facts: HostFacts) -> Finding:
    mib = facts.free_bytes >> 20
    if facts.free_bytes < _LITTLE_SPACE:
        return Finding("disk", Verdict.WARNING, f"only {mib} MiB are free in {facts.work_root}; output is kept there")
    return Finding("disk", Verdict.OK, f"{mib} MiB are free in {facts.work_root}")


def _containment(level: str) -> Finding:
    if level in {"cgroup2", "freezer"}:
        return Finding("containment", Verdict.OK, f"whole process trees are ended for certain ({level})")
    told = f"no cgroup can be had ({level}): what a job hides on purpose may outlive it, and is reported as unknown"
    return Finding("containment", Verdict.WARNING, told)


def _sessions(count: int) -> Finding:
    told = f"sshd allows {'8 or more' if count >= 8 else count} sessions on a connection; Runyard needs one"
    return Finding("sessions", Verdict.OK, told)


def _shell(facts: HostFacts) -> Finding:
    said = facts.noise.decode(errors="replace").strip()
    if facts.shell_seconds > _SLOW_SECONDS:
        told = f"the login shell takes {facts.shell_seconds:.1f} s to start; each new connection waits for it"
        return Finding("shell", Verdict.WARNING, told)
    if said:
        told = f"the login shell prints before it obeys, which is skipped: {said[:200]!r}"
        return Finding("shell", Verdict.WARNING, told)
    return Finding("shell", Verdict.OK, f"the login shell is silent and starts in {facts.shell_seconds * 1000:.0f} ms")


def _clock(ahead: float) -> Finding:
    if abs(ahead) > _CLOCK_SECONDS:
        way = "ahead" if ahead > 0 else "behind"
        told = f"its clock is {abs(ahead):.0f} s {way}; times of output are the host's, nothing is decided by them"
        return Finding("clock", Verdict.WARNING, told)
    return Finding("clock", Verdict.OK, f"its clock differs by {abs(ahead):.1f} s")
