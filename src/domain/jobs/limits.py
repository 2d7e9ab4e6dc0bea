"""Limits of a job: how long, how much output, how to retry."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self

from .ids import AttemptRef

CRASH_LIMIT: Final = 3
"""So many lost attempts end a job: it may well be what kills its host."""

DEFAULT_GRACE: Final = 10.0
DEFAULT_LOG_BYTES: Final = 1 << 30


class RetryCause(StrEnum):
    """Why an attempt failed, as far as a retry policy can name it."""

    EXIT_CODE = "exit_code"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    LOG_LIMIT = "log_limit"
    START_FAILED = "start_failed"
    LOST = "lost"


class OnLost(StrEnum):
    """What becomes of a job whose attempt was lost with its host."""

    RETRY = "retry"
    FAIL = "fail"


class Replacement(StrEnum):
    """When the next attempt of a job may start whose host is out of reach.

    Once its lease has ended, by which its host has ended it; or not before its end was seen, whatever that takes.
    """

    AFTER_LEASE = "after_lease"
    AFTER_CONFIRMED_END = "after_confirmed_end"


class LogPolicy(StrEnum):
    """What happens at the log limit: keep running and drop the rest, or end the job."""

    STOP = "stop"
    KILL = "kill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """The wait before try n + 1: `initial * factor ** (n - 1)` seconds, at most `max`.

    Each is shortened by a share of its own, up to `jitter`, so that jobs that failed together come back apart.
    """

    initial: float = 1.0
    factor: float = 2.0
    max: float = 300.0
    jitter: float = 0.25

    def delay(self, failures: int, of: AttemptRef) -> timedelta:
        """How long to wait after so many failures (1 or more), of which this attempt was the last."""
        try:
            seconds = self.initial * self.factor ** (failures - 1)
        except OverflowError:
            seconds = self.max
        return timedelta(seconds=min(seconds, self.max) * (1 - self.jitter * _share(of)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and after what a failed job is tried again. One attempt means never.

    So many lost attempts as `crash_limit` says end a job, however often it may be tried.
    """

    max_attempts: int = 1
    on: frozenset[RetryCause] = frozenset(RetryCause) - {RetryCause.LOST}
    backoff: Backoff = Backoff()
    crash_limit: int = CRASH_LIMIT

    def next_attempt(
        self, cause: RetryCause, failures: int, *, of: AttemptRef, now: datetime, before: datetime | None = None
    ) -> datetime | None:
        """When to try again after so many failures, the last `of` this attempt; None: enough, or not `before` then."""
        if cause not in self.on or failures >= self.max_attempts:
            return None
        again = now + self.backoff.delay(failures, of)
        return None if before and again >= before else again


def _share(of: AttemptRef) -> float:
    """A number from 0 to 1, always the same for the same attempt."""
    return int.from_bytes(sha256(str(of).encode()).digest()[:6], "big") / (1 << 48)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLimit:
    """How many bytes of output an attempt may keep, and what happens beyond."""

    bytes: int = DEFAULT_LOG_BYTES
    policy: LogPolicy = LogPolicy.STOP


PRIORITIES: Final = {"low": -10, "medium": 0, "high": 10}
"""The names a person uses, as numbers."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP_MICROSECONDS: Final = 60_000_000


def rank(eligible_at: datetime, priority: int) -> int:
    """The place in a queue, lowest first: each point of priority is worth a minute of waiting.

    Fixed when the job becomes eligible: waiting jobs age alike, so nothing is ever re-sorted.
    """
    return (eligible_at - _EPOCH) // timedelta(microseconds=1) - priority * _STEP_MICROSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Moments by which a job must have been claimed, and must have ended."""

    claim_by: datetime | None = None
    end_by: datetime | None = None

    @classmethod
    def counted_from(cls, created_at: datetime, *, queue: float | None, total: float | None) -> Self:
        """Deadlines so many seconds after the submission."""

        def after(seconds: float | None) -> datetime | None:
            return None if seconds is None else created_at + timedelta(seconds=seconds)

        return cls(claim_by=after(queue), end_by=after(total))

    def of_wait(self, *, tried: bool) -> datetime | None:
        """By when a waiting job must be under way: a job that was tried once may wait until it must have ended."""
        limits = (self.end_by,) if tried else (self.claim_by, self.end_by)
        return min((moment for moment in limits if moment), default=None)
