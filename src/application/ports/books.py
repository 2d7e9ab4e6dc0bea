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


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that holds what this version cannot read, and why; what it holds is not told."""

    row: str
    why: str


class RowReading(Protocol):
    """Whether what is stored can be read at all."""

    def unreadable(self, limit: int) -> list[Unreadable]:
        """Up to `limit` rows of each kind that cannot."""


class BookReading(Protocol):
    """The store as it is, right or wrong. Slow by nature: for those who look after it, never for a request.

    Of jobs with rows that cannot be read there are no books.
    """

    def books(self, *, after: JobId | None, limit: int) -> list[JobBook]:
        """Up to `limit` jobs that come after this one, the lowest id first; fewer only if those are the last."""

    def queued_since(self, moment: datetime, limit: int) -> list[JobBook]:
        """Up to `limit` jobs that are queued and have been eligible since that moment or longer, by id."""

    def shared_seats(self, limit: int) -> list[SharedSeat]:
        """Up to `limit` seats that more than one job says it holds, as the jobs' own rows tell it."""

    def passed_over(self, limit: int) -> list[JobBook]:
        """Up to `limit` jobs that are first in line for a key with a free seat, by id."""

    def strays(self, limit: int) -> list[Stray]:
        """Up to `limit` rows of each kind that belong to no job, and live attempts on no runner."""
