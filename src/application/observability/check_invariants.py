"""Check invariants: whether everything that is stored keeps the rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from ...domain.jobs.errors import named
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.queues import held_back
from ...domain.limits.limits import NO_LIMITS, LimitKind, LimitsInForce, UsualLimits
from ...domain.observability.book import JobBook
from ...domain.observability.invariants import (
    CLAIMED_WITHIN,
    NEXT_IN_LINE,
    READABLE,
    SEATS,
    STRAYS,
    Hit,
    Keeper,
    hits_of,
)
from ...domain.observability.tenants import APART, over_limits
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import DRIVER_LEASE, HEARTBEATS_PER_LEASE, Runner
from ..limits.room import RoomUnderLimits, by_scope
from ..ports.books import SharedSeat, Unreadable
from ..ports.tenants import Crossing
from ..ports.work import AuditReading, Begin
from .check_trail import ToldReading, forced, untold

CLAIM_SECONDS: Final = 2.0
"""How long a queued job may stand beside a free slot."""

LOOK_AGAIN_SECONDS: Final = DRIVER_LEASE.total_seconds() / HEARTBEATS_PER_LEASE + 1
"""Time for every living driver to be heard of."""

_MOST_WAITING: Final = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs that stand beside a free slot, each in the version that was seen, and the drivers' leases at that moment."""

    jobs: frozenset[tuple[JobId, int]] = frozenset()
    leases: frozenset[tuple[RunnerId, datetime]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInvariantsCommand:
    """Which rules; `waited` is the `waiting` of a look `LOOK_AGAIN_SECONDS` ago, if there was one."""

    keepers: frozenset[Keeper] = frozenset(Keeper)
    waited: Waiting = Waiting()
    page: int = 500
    most_hits: int = 1000


@dataclass(frozen=True, slots=True)
class Judged:
    """How many jobs were looked at, what broke a rule, and which jobs should be claimed by the next look."""

    jobs: int
    hits: tuple[Hit, ...]
    waiting: Waiting


class EveryReading(AuditReading, ToldReading, Protocol):
    """A consistent look at everything, and at what is told of it."""


class CheckInvariants:
    """Reads everything, page by page, each in a short look of its own: a job and all about it are always consistent.

    `usual` are the limits that hold where nobody has set others.
    """

    def __init__(self, read: Begin[EveryReading], usual: UsualLimits = NO_LIMITS) -> None:
        self._read = read
        self._usual = usual

    def execute(self, command: CheckInvariantsCommand) -> Judged:
        """Every hit, up to `most_hits`."""
        jobs, hits, ended = 0, list[Hit](), list[Job]()
        with self._read() as reading:
            hits += map(_unreadable, reading.rows.unreadable(command.most_hits))
        readable = not hits
        for page in self._pages(command.page):
            jobs += len(page)
            hits += [hit for book in page for hit in hits_of(book, command.keepers)]
            ended += [book.job for book in page if forced(book.job)]
            if len(hits) >= command.most_hits:
                break
        if Keeper.STORE in command.keepers:
            with self._read() as reading:
                hits += [_shared(each) for each in reading.books.shared_seats(command.most_hits)]
        if Keeper.MOVES not in command.keepers:
            return Judged(jobs, tuple(hits), Waiting())
        with self._read() as reading:
            hits += [_stray(stray.row, stray.misses) for stray in reading.books.strays(command.most_hits)]
            hits += [_passed_over(book) for book in reading.books.passed_over(command.most_hits)]
        with self._read() as reading:
            hits += [_crossed(each) for each in reading.tenants.crossings(command.most_hits)]
            hits += over_limits(LimitsInForce.of(reading.limits.all(), NO_LIMITS), reading.tenants.standings())
        if not readable:  # of those who wait nobody can say whether they should, and of the trail not what it tells
            return Judged(jobs, tuple(hits[: command.most_hits]), Waiting())
        hits += untold(self._read, ended, command.most_hits)
        with self._read() as reading:
            beside = _beside_free_slots(reading, command.waited, self._usual)
        still = [book for book in beside.books if _seen(book) in command.waited.jobs]
        hits += map(_unclaimed, still)
        waiting = Waiting(frozenset(map(_seen, beside.books)), beside.leases)
        return Judged(jobs, tuple(hits[: command.most_hits]), waiting)

    def _pages(self, size: int) -> Iterator[list[JobBook]]:
        after: JobId | None = None
        while True:
            with self._read() as reading:
                page = reading.books.books(after=after, limit=size)
            yield page
            if len(page) < size:
                return
            after = page[-1].job.id


def _seen(book: JobBook) -> tuple[JobId, int]:
    return book.job.id, book.job.version


@dataclass(frozen=True, slots=True)
class _Beside:
    books: Sequence[JobBook]
    leases: frozenset[tuple[RunnerId, datetime]]


def _beside_free_slots(reading: AuditReading, before: Waiting, usual: UsualLimits) -> _Beside:
    """Queued jobs that a runner has room for whose driver lives: its lease is valid, and has moved since `before`."""
    now = reading.now()
    driven = [record for record in reading.runners.all() if record.runner.online(now)]
    leases = frozenset((each.runner.id, each.runner.driver.until) for each in driven if each.runner.driver)
    moved = {runner_id for runner_id, _ in leases - before.leases}
    able = [each for each in driven if each.runner.takes_work(now) and each.busy < each.runner.slots]
    free = [each.runner for each in able if each.runner.id in moved]
    since = now - timedelta(seconds=CLAIM_SECONDS)
    held = held_back(reading.queues.all(), now)
    waiting = reading.books.queued_since(since, _MOST_WAITING) if free else []
    fitting = [book for book in waiting if _queue(book) not in held and any(_fits(book, runner) for runner in free)]
    return _Beside(_under_limits(reading, fitting, usual), leases)


def _under_limits(reading: AuditReading, books: Sequence[JobBook], usual: UsualLimits) -> list[JobBook]:
    """Those that no limit of running jobs keeps waiting."""
    in_force = LimitsInForce.of(reading.limits.all(), usual)
    bounds = {
        book.lane.key: in_force.bounds(LimitKind.RUNNING, book.lane.project, book.lane.owner)
        for book in books
        if book.lane
    }
    projects = {bound.scope.project for each in bounds.values() for bound in each}
    room = RoomUnderLimits(by_scope(reading.use.running(projects)) if projects else {})
    return [book for book in books if book.lane and not room.full(bounds[book.lane.key])]


def _queue(book: JobBook) -> tuple[str, str] | None:
    return (book.lane.project, book.lane.queue) if book.lane else None


def _fits(book: JobBook, runner: Runner) -> bool:
    return book.lane is not None and book.lane.fits(runner)


def _unclaimed(book: JobBook) -> Hit:
    name, sentence = CLAIMED_WITHIN
    return Hit(invariant=name, told=f"it was not: {sentence.lower()}", rows=tuple(book.rows()))


def _shared(seat: SharedSeat) -> Hit:
    told = f"{named(seat.jobs)} have seat {seat.seat} of the key {seat.key!r}"
    return Hit(invariant=SEATS[0], told=told, rows=tuple(f"job {job_id}" for job_id in seat.jobs))


def _passed_over(book: JobBook) -> Hit:
    return Hit(invariant=NEXT_IN_LINE[0], told="it is first in line and was not let in", rows=tuple(book.rows()))


def _unreadable(row: Unreadable) -> Hit:
    return Hit(invariant=READABLE[0], told=f"this cannot: {row.why}", rows=(row.row,))


def _crossed(crossing: Crossing) -> Hit:
    return Hit(invariant=APART[0], told=f"this one {crossing.told}", rows=(crossing.row,))


def _stray(row: str, misses: str) -> Hit:
    return Hit(invariant=STRAYS[0], told=f"there is no {misses}", rows=(row,))
