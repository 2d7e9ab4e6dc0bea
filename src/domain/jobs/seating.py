"""The seats of one key: who holds them, who is let in next. Pure; whoever asks has locked the key."""

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from .concurrency import Concurrency, OnConflict
from .errors import KeyBusy, KeyLineFull
from .ids import JobId


@dataclass(frozen=True, slots=True, order=True)
class Waiter:
    """A job in line for a seat; the lowest rank is first, ties go by id."""

    rank: int
    job_id: JobId


@dataclass(frozen=True, slots=True)
class PlaceInLine:
    """Where a job stands that waits for a seat of its key, from 1; of how many; and who holds the seats."""

    position: int
    waiting: int
    holders: tuple[JobId, ...]


@dataclass(frozen=True, slots=True)
class Seated:
    """The job has this seat at once."""

    number: int


@dataclass(frozen=True, slots=True)
class Waits:
    """The job waits, in the place of this rank; with `replaces`, one holder has to make room for it."""

    rank: int
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """There is neither a seat nor a place in line for the job."""

    why: KeyBusy | KeyLineFull


@dataclass(frozen=True, slots=True)
class Promotion:
    """The next in line and the seat it gets."""

    job_id: JobId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """A key with its seats, numbered from 0, and its line.

    `line` holds the first of those that wait, in order; `waiting` is how many wait in all. After a lower limit was
    set, more seats may be held than there are: they are not given on.
    """

    key: str
    limit: int = 1
    holders: Mapping[int, JobId] = field(default_factory=dict)
    line: tuple[Waiter, ...] = ()
    waiting: int = 0

    @property
    def free(self) -> list[int]:
        """The seats that may be given away now."""
        spare = max(0, self.limit - len(self.holders))
        return [number for number in range(self.limit) if number not in self.holders][:spare]

    def limited_to(self, limit: int) -> Self:
        """The key under another limit."""
        return replace(self, limit=limit)

    def admit(self, newcomer: Waiter, asked: Concurrency) -> tuple[Self, Seated | Waits | Refused]:
        """What becomes of a job that wants in, and the key after that."""
        if self.free and not self.waiting:
            seat = self.free[0]
            return replace(self, holders={**self.holders, seat: newcomer.job_id}), Seated(seat)
        if asked.on_conflict is OnConflict.REJECT:
            return self, Refused(KeyBusy(asked.key, self.held_by))
        if self.waiting >= asked.max_waiting:
            return self, Refused(KeyLineFull(asked.key, asked.max_waiting))
        if asked.on_conflict is OnConflict.REPLACE_RUNNING:
            first = min([newcomer.rank, *(waiter.rank - 1 for waiter in self.line[:1])])
            return self.joined_by(replace(newcomer, rank=first)), Waits(first, replaces=True)
        return self.joined_by(newcomer), Waits(newcomer.rank)

    def joined_by(self, waiter: Waiter) -> Self:
        """The key with one more in line; who would stand behind waiters that are not known here is only counted."""
        line = list(self.line)
        if len(line) == self.waiting or waiter < line[-1]:
            insort(line, waiter)
        return replace(self, line=tuple(line), waiting=self.waiting + 1)

    def left_by(self, job_id: JobId) -> Self:
        """The key after this job gave its seat back."""
        return replace(self, holders={seat: held for seat, held in self.holders.items() if held != job_id})

    def given_up_by(self, waiter: Waiter) -> Self:
        """The key after this job left the line without a seat."""
        line = tuple(each for each in self.line if each != waiter)
        return replace(self, line=line, waiting=self.waiting - 1)

    def filled(self) -> tuple[Self, list[Promotion]]:
        """The key after the first in line took the free seats, and who they are."""
        let_in = [Promotion(waiter.job_id, seat) for waiter, seat in zip(self.line, self.free, strict=False)]
        seats = {promotion.number: promotion.job_id for promotion in let_in}
        rest = replace(self, line=self.line[len(let_in) :], waiting=self.waiting - len(let_in))
        return replace(rest, holders={**self.holders, **seats}), let_in

    @property
    def held_by(self) -> list[JobId]:
        """Who holds a seat, the oldest first."""
        return sorted(self.holders.values())
