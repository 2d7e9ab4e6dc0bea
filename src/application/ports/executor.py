"""The host of a runner: attempts are started, watched and signalled there, whatever the runner's kind.

One executor speaks to one host through that host's supervisor. It is used by one driver at a time
and from one thread, `wake` excepted. A host that cannot be reached is `HostUnreachable` from any
method; nothing is known then about calls that were under way, and `resume` finds out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol

from ...domain.errors import Refusal, RunyardError
from ...domain.jobs.attempt import Outcome, Progress
from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.leases import Deadman
from ...domain.jobs.limits import LogLimit
from ...domain.jobs.log import LogChunk
from ...domain.jobs.spec import Command


class HostUnreachable(RunyardError):
    """The host's supervisor does not answer. `lasts`: it will not before somebody has done something about it."""

    refusal = Refusal.UNAVAILABLE
    code = "host-unreachable"
    lasts: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The host's word that it listens: a start is valid for 30 s from `stamp`, by the process that said it.

    `stamp` is in seconds of the host's own boot-time clock and means nothing anywhere else.
    """

    nonce: str
    boot_id: str
    stamp: float
    containment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOrder:
    """What the host needs to start an armed attempt. Nothing of it appears in an argv or a log of ours.

    `run_timeout`, `total_timeout` and `grace_period` are seconds, counted and enforced by the host; the first of them
    stands still while the attempt is paused, the second does not. `deadman`: when the host ends it because it hears of
    nobody, counted from the hello of the start and then from that of each renewal; None: never.

    `secrets` are variables with their values, `secret_files` variables with what the files shall hold whose paths they
    are. The host keeps neither longer than the attempt lives, and writes them to no disk that it can avoid. In output
    and reports their values are replaced by `[masked]` before anything is kept, however the process writes them.
    """

    ref: AttemptRef
    command: Command = field(repr=False)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_files: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = None
    stdin: str | None = field(default=None, repr=False)
    run_timeout: float | None = None
    total_timeout: float | None = None
    grace_period: float = 10.0
    log_limit: LogLimit = LogLimit()
    deadman: Deadman | None = None


class SignalKind(StrEnum):
    """What may be asked of a started attempt. Each is a wish that may be repeated."""

    CANCEL = "cancel"
    KILL = "kill"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class AttemptSignal:
    """A wish about one attempt: `cancel` is TERM, then KILL after the grace period.

    `number` orders pauses and resumes: the host obeys none that is older than what it obeyed last.
    """

    ref: AttemptRef
    kind: SignalKind
    number: int = 0


@dataclass(frozen=True, slots=True)
class Resume:
    """Tell what became of this attempt and deliver its output from `offset` on."""

    ref: AttemptRef
    offset: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The output up to `offset` is stored; `final`: its end is too, and the host may forget it all."""

    ref: AttemptRef
    offset: int
    final: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """The process runs. `containment`: `cgroup2`, `freezer`, `subreaper` or `group`."""

    ref: AttemptRef
    containment: str


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes the attempt wrote; in order, without gaps within one attempt and one connection."""

    chunk: LogChunk

    @property
    def ref(self) -> AttemptRef:
        """The attempt."""
        return self.chunk.ref


@dataclass(frozen=True, slots=True)
class Gone:
    """Output before this offset was acknowledged once, and is not there any more: what asks for it knows less than
    somebody did before (a database that was restored, say).
    """

    ref: AttemptRef
    offset: int


@dataclass(frozen=True, slots=True)
class Reported:
    """What the job said of itself through `RUNYARD_REPORT`; `result` is a JSON document."""

    ref: AttemptRef
    progress: Progress | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The attempt ended and its outcome is durable on the host. All its output came before this."""

    ref: AttemptRef
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Voided:
    """The attempt never started under this boot and never will."""

    ref: AttemptRef
    boot_id: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The attempt's supervisor died with it; no outcome exists. What was left has been killed."""

    ref: AttemptRef
    why: str
    tree_empty: bool | None


Event = Started | Output | Gone | Reported | Ended | Voided | Broken


class Executor(Protocol):
    """Starts and signals attempts on one host."""

    def hello(self) -> Hello:
        """A stamp of the host, at most a second old. It must be had before the attempts to start are armed."""

    def start(self, hello: Hello, orders: Sequence[StartOrder]) -> None:
        """Start these attempts. What becomes of each comes as events: `Started`, later `Ended`.

        A start that fails (no such program, no such directory, …) is `Ended` with `start_failed`. A
        repeated one, whether the attempt runs, has ended or was voided, starts nothing and repeats what
        is known. One that arrives too late for its hello starts nothing and is voided.
        """

    def signal(self, signals: Sequence[AttemptSignal]) -> None:
        """Pass on wishes. One for an attempt that has ended or never was is dropped."""

    def held(self) -> frozenset[AttemptRef]:
        """The attempts the host runs, or keeps an end of that nobody let it forget."""

    def renew(self, hello: Hello, refs: Sequence[AttemptRef]) -> None:
        """Their leases were renewed after that hello: what the host does without us it counts from its stamp anew.

        A hello of another boot, and one older than that of the last renewal, change nothing; nor is an attempt spared
        that the host has begun to end.
        """


class Collector(Protocol):
    """Brings home what attempts on one host did."""

    def resume(self, resumes: Sequence[Resume]) -> None:
        """For attempts this connection did not start: repeat what is known and deliver output from there.

        An attempt that never arrived is voided for good, so that a start still under way does nothing. Where output was
        acknowledged beyond the offset, `Gone` comes before all output, which goes on behind it.
        """

    def events(self, timeout: float) -> list[Event]:
        """What happened since, in order; waits up to `timeout` seconds for the first, or for `wake`."""

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        """Let the host drop what is stored. What is not acknowledged is kept, and delivered again on `resume`."""

    def wake(self) -> None:
        """End a waiting `events` now. The one method that any thread may call."""

    def close(self) -> None:
        """Let go of the connection and of events not yet fetched. Attempts go on; the next call connects afresh."""


class Host(Executor, Collector, Protocol):
    """Both sides of one host."""
