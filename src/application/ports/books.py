"""Everything there is, read to be judged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ...domain.jobs.ids import JobId
from ...domain.observability.book import JobBook


@dataclass(frozen=True, slots=True)
class Stray:
    """A row that belongs to nothing: which one, and what it should belong to."""

    row: str
    misses: str


@dataclass(frozen=True, slots=True)
class SharedSeat:
    """A seat of a key that several jobs say is theirs."""

    key: str
    seat: int
    jobs: tuple[JobId, ...]


class BookReading(Protocol):
    """The store as it is, right or wrong. Slow by nature: for those who look after it, never for a request."""

    def books(self, *, after: JobId | None, limit: int) -> list[JobBook]:
        """Up to `limit` jobs that come after this one, the lowest id first."""

    def queued_since(self, moment: datetime, limit: int) -> list[JobBook]:
        """Up to `limit` jobs that are queued and have been eligible since that moment or longer, by id."""

    def shared_seats(self, limit: int) -> list[SharedSeat]:
        """Up to `limit` seats that more than one job says it holds, as the jobs' own rows tell it."""

    def passed_over(self, limit: int) -> list[JobBook]:
        """Up to `limit` jobs that are first in line for a key with a free seat, by id."""

    def strays(self, limit: int) -> list[Stray]:
        """Up to `limit` rows of each kind that belong to no job, and live attempts on no runner."""
