"""The keys of submissions, so that a repeated one makes no second job."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ...domain.jobs.ids import JobId
from ...domain.jobs.submission import SubmissionKey


@dataclass(frozen=True, slots=True)
class Reservation:
    """A key, the job that shall be created under it, and how long it is kept."""

    key: SubmissionKey
    job_id: JobId
    until: datetime


@dataclass(frozen=True, slots=True)
class Reserved:
    """The key was free; the job may be created."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The key was taken: what was submitted under it, what became of that, and how long it is kept."""

    fingerprint: str
    job_id: JobId
    until: datetime


class SubmissionKeys(Protocol):
    """Who submitted what under which name. Writes live and die with the unit of work."""

    def reserve(self, items: Sequence[Reservation]) -> list[Reserved | Seen]:
        """An answer for each, in the order given. A key is reserved once, whoever asks at the same moment.

        Whoever reserves a key that another unit of work holds waits for its end. The second of two equal
        keys in one call is `Seen`.
        """

    def release(self, keys: Sequence[SubmissionKey]) -> None:
        """Give back keys that this unit of work reserved, as nothing came of it."""

    def forget(self, most: int) -> int:
        """Drop keys whose time is over, at most so many; how many that were."""
