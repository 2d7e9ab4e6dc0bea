"""One try of a job on one runner."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from ..runners.ids import RunnerId
from .limits import RetryCause

RENEW_EVERY: Final = timedelta(seconds=4)
"""A lease that was renewed more recently is not renewed again: looks at the books may come in bursts."""


class Ending(StrEnum):
    """How an attempt ended."""

    EXIT = "exit"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    LOG_LIMIT = "log_limit"
    START_FAILED = "start_failed"
    DEADMAN = "deadman"
    LOST = "lost"
    RELEASED = "released"
    FORCED = "forced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the process and its waited-for children used."""

    cpu_seconds: float
    max_rss_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is known of an attempt's end. `exit_code` or `signal` stay true even when we ended it.

    `tree_empty`: True, seen that no process is left; False, seen that one is; None, cannot be known.
    `log_size`: bytes of output the attempt produced and kept; None if nobody can know any more.
    `masked`: how often values of its secrets were replaced in that; None if it had none.
    """

    ending: Ending
    exit_code: int | None = None
    signal: int | None = None
    message: str | None = None
    tree_empty: bool | None = None
    log_size: int | None = None
    usage: Usage | None = None
    masked: int | None = None

    @property
    def succeeded(self) -> bool:
        """Exit code 0 and nothing else."""
        return self.ending is Ending.EXIT and self.exit_code == 0

    @property
    def cause(self) -> RetryCause:
        """Why a failed attempt failed, as a retry policy names it."""
        return RetryCause(_CAUSES.get(self.ending, self.ending.value))

    def explained(self) -> str:
        """One sentence for people."""
        if self.message:
            return self.message
        if self.ending is Ending.EXIT:
            return f"exit code {self.exit_code}"
        if self.ending is Ending.SIGNAL:
            return f"ended by signal {self.signal}"
        return _SENTENCES.get(self.ending, self.ending.value)


_SENTENCES = {
    Ending.TIMEOUT: "ended for running longer than its time limit",
    Ending.LOG_LIMIT: "ended for writing more output than its log limit",
    Ending.START_FAILED: "could not be started",
    Ending.DEADMAN: "ended by its host, which had heard of nobody for too long",
}

_CAUSES = {Ending.EXIT: "exit_code", Ending.DEADMAN: "lost", Ending.FORCED: "lost", Ending.RELEASED: "lost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a running job says of itself: percent done (0 to 100) and a line of text."""

    percent: float | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try. It is live until `ended_at`, and immutable from then on.

    `armed_at` is when the database allowed the start, `boot_id` the boot of the host that was to
    start it. `lease`: so many seconds its host goes on without us, counted anew each time that we hear of it, and
    `lease_until` is when that ends for us (None: its host goes on for ever).
    `result` is a JSON document the job reported. `log_complete`: nothing is missing in the log. `log_removed_at`: its
    output was kept long enough.
    """

    number: int
    runner_id: RunnerId
    claimed_at: datetime
    armed_at: datetime | None = None
    boot_id: str | None = None
    lease: int | None = None
    lease_until: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    containment: str | None = None
    outcome: Outcome | None = None
    progress: Progress | None = None
    result: str | None = None
    log_complete: bool = True
    log_removed_at: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def armed(self) -> bool:
        """Whether the host was ever allowed to start it."""
        return self.armed_at is not None

    def lapsed(self, now: datetime) -> bool:
        """Whether its lease has ended: its host has ended it, or never started it."""
        return self.lease_until is not None and self.lease_until < now

    def renewable(self, now: datetime) -> datetime | None:
        """Until when its lease lasts if it is renewed now; None if it has none, or was renewed a moment ago."""
        if self.lease is None or self.lease_until is None:
            return None
        until = now + timedelta(seconds=self.lease)
        just_now = timedelta(0) <= until - self.lease_until < RENEW_EVERY  # else the store's clock went back
        return None if just_now else until

    def said(self, progress: Progress | None, result: str | None) -> Self:
        """The attempt with what its process said last."""
        return replace(self, progress=progress or self.progress, result=result or self.result)

    def ended(self, outcome: Outcome, *, now: datetime) -> Self:
        """The attempt with its end; an outcome recorded earlier wins."""
        return replace(self, outcome=self.outcome or outcome, ended_at=now)

    def released(self, *, now: datetime) -> Self:
        """The attempt, ended without ever having started."""
        return self.ended(Outcome(ending=Ending.RELEASED, tree_empty=True, log_size=0), now=now)

    def lost(self, why: str, tree_empty: bool | None, *, now: datetime, ending: Ending = Ending.LOST) -> Self:
        """The attempt, gone with its host or supervisor; how much it wrote nobody can know."""
        gone = Outcome(ending=ending, message=why, tree_empty=tree_empty)
        return replace(self.ended(gone, now=now), log_complete=False)

    def forced(self, why: str, *, now: datetime) -> Self:
        """The attempt, ended in the books only."""
        return replace(self.ended(Outcome(ending=Ending.FORCED, message=why), now=now), log_complete=False)
