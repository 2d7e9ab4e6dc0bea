"""What a job is at one moment, without what can happen to it; for that see `Job`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from ..runners.ids import RunnerId
from .attempt import Attempt
from .concurrency import KEY_BUSY, Concurrency
from .errors import StaleAttempt
from .ids import AttemptRef, JobId
from .limits import Deadlines, OnLost, Replacement, RetryPolicy
from .states import FINAL_STATES, LIVE_STATES, JobState


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What moves. The spec it was made from is kept beside it and never changes.

    `attempt` is the current try or the last; `fence` grows as the right to run changes hands; `failures` and `crashes`
    count failed and lost tries; `eligible_at` is when it may be queued, `rank` its place in `lane`; `seat` is the
    one it holds of its concurrency key until it ends; `version` counts.
    """

    id: JobId
    queue: str
    lane: str
    priority: int
    retry: RetryPolicy
    on_lost: OnLost
    replacement: Replacement = Replacement.AFTER_LEASE
    created_at: datetime
    eligible_at: datetime
    rank: int
    deadlines: Deadlines = Deadlines()
    concurrency: Concurrency | None = None
    seat: int | None = None
    state: JobState = JobState.QUEUED
    reason: str | None = None
    message: str | None = None
    attempt: Attempt | None = None
    fence: int = 0
    failures: int = 0
    crashes: int = 0
    cancel_requested_at: datetime | None = None
    end_confirmed: bool | None = None
    finished_at: datetime | None = None
    version: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing can change it any more."""
        return self.state in FINAL_STATES

    @property
    def live(self) -> bool:
        """Whether it has an attempt that has not ended."""
        return self.state in LIVE_STATES

    @property
    def cancel_requested(self) -> bool:
        """Whether somebody asked for its end. Set once, never cleared."""
        return self.cancel_requested_at is not None

    @property
    def in_line(self) -> bool:
        """Whether it could be queued if its key had a seat for it."""
        return self.state is JobState.PENDING and self.seat is None and self.reason == KEY_BUSY

    @property
    def due_at(self) -> datetime | None:
        """When a waiting job must be looked at again, or None."""
        limit = self.deadlines.of_wait(tried=self.attempt is not None)
        if self.state is JobState.PENDING and not self.in_line:
            return min(moment for moment in (self.eligible_at, limit) if moment)
        return limit if self.state in (JobState.QUEUED, JobState.PENDING) else None

    @property
    def current(self) -> Attempt:
        """The attempt of a job that was claimed at least once."""
        if self.attempt is None:
            raise StaleAttempt(AttemptRef(self.id, 0))
        return self.attempt

    @property
    def ref(self) -> AttemptRef:
        """The identity of the current attempt."""
        return AttemptRef(self.id, self.current.number)

    def expecting(self, ref: AttemptRef, fence: int, *, on: RunnerId | None = None) -> Self:
        """The job itself, if a report on this attempt under this fence counts; else `StaleAttempt`.

        `on`: the runner that reports, if it may speak of what runs there only.
        """
        if not self.live or self.attempt is None or (ref, fence) != (self.ref, self.fence):
            raise StaleAttempt(ref)
        if on not in (None, self.attempt.runner_id):
            raise StaleAttempt(ref)
        return self
