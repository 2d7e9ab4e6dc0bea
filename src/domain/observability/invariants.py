"""What must always hold, as one table: each rule has a name, a sentence, and says itself how it is broken.

The names I1 to I12 are those of the project's promises. I7 speaks of what is not built; I11 and I12 are in `tenants`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..jobs.attempt import Attempt
from ..jobs.job import UNREACHABLE
from ..jobs.states import JobState
from .book import JobBook, StoredLog


class Keeper(Enum):
    """Who keeps a rule: the store, whatever it is given; or the moves of the domain, whoever makes them."""

    STORE = "store"
    MOVES = "moves"


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule; `broken` gives a sentence for each way in which a book breaks it."""

    name: str
    keeper: Keeper
    sentence: str
    broken: Callable[[JobBook], Iterator[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule that something breaks, how, and the rows that show it."""

    invariant: str
    told: str
    rows: tuple[str, ...]


CLAIMED_WITHIN: Final = ("I10", "A queued job that a driven runner has a free slot for is claimed within seconds")
"""Needs two looks, so it is not in the table: a job that stands unmoved in both breaks it."""
SEATS: Final = ("I6", "A job of a key is under way in a seat of the key, and no two jobs in the same one")
"""In the table as far as one job shows it."""
NEXT_IN_LINE: Final = ("line", "Nobody waits in line for a key that has a free seat")
"""Needs all jobs of a key."""
READABLE: Final = ("readable", "What is stored can be read")
"""Said of a row, which then has no book."""
STRAYS: Final = ("strays", "Nothing is stored of no job, and nothing runs on no runner")
"""Needs more than one book."""


def hits_of(book: JobBook, keepers: frozenset[Keeper]) -> Iterator[Hit]:
    """Every rule of these keepers that the book breaks."""
    for rule in INVARIANTS:
        if rule.keeper in keepers:
            for told in rule.broken(book):
                yield Hit(invariant=rule.name, told=told, rows=tuple(book.rows()))


def _spec(book: JobBook) -> Iterator[str]:
    if not book.has_spec:
        yield "there is nothing to run"


def _one_live_attempt(book: JobBook) -> Iterator[str]:
    live = [attempt.number for attempt in book.attempts if attempt.live]
    if len(live) > 1:
        yield f"attempts {live} are live"


def _live_together(book: JobBook) -> Iterator[str]:
    last = book.attempts[-1] if book.attempts else None
    if book.job.live and (last is None or not last.live):
        yield f"it is {book.job.state}, and its last attempt has ended or is missing"
    if not book.job.live and any(attempt.live for attempt in book.attempts):
        yield f"it is {book.job.state}, and has a live attempt"


def _numbered(book: JobBook) -> Iterator[str]:
    numbers = [attempt.number for attempt in book.attempts]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"its attempts are numbered {numbers}"
    if book.named != (numbers[-1] if numbers else None):
        yield f"it names attempt {book.named}, and its attempts are {numbers}"


def _fence(book: JobBook) -> Iterator[str]:
    if book.job.fence < len(book.attempts):
        yield f"the fence is {book.job.fence} after {len(book.attempts)} attempts"


def _started_only_if_armed(book: JobBook) -> Iterator[str]:
    for attempt in book.attempts:
        if attempt.started_at and not attempt.armed:
            yield f"attempt {attempt.number} was started and never armed"


def _leased_with_an_end(book: JobBook) -> Iterator[str]:
    for attempt in book.attempts:
        if (attempt.lease is None) != (attempt.lease_until is None):
            yield f"attempt {attempt.number} has a lease of {attempt.lease} seconds until {attempt.lease_until}"
    if book.job.reason == UNREACHABLE and not any(attempt.live and attempt.lease for attempt in book.attempts):
        yield "it is unreachable, and has no live attempt with a lease"


def _one_outcome(book: JobBook) -> Iterator[str]:
    last = book.attempts[-1] if book.attempts else None
    succeeded = [attempt.number for attempt in book.attempts if _succeeded(attempt)]
    if book.job.state is JobState.SUCCEEDED and not (last and _succeeded(last)):
        yield "it has succeeded, and its last attempt has not"
    if any(number != book.named for number in succeeded):
        yield f"attempts {succeeded} succeeded, and {book.named} is its last one"
    if succeeded and book.job.state is JobState.FAILED and book.job.reason != "forced":
        yield "it has failed with an attempt that succeeded"


def _succeeded(attempt: Attempt) -> bool:
    return attempt.outcome is not None and attempt.outcome.succeeded


def _ended_for_good(book: JobBook) -> Iterator[str]:
    job = book.job
    if job.finished != (job.finished_at is not None):
        yield f"it is {job.state}, and finished_at is {job.finished_at}"
    if job.finished and (book.ready or book.due):
        yield "it has finished, and still waits somewhere"
    if job.state is JobState.FAILED and not job.reason:
        yield "it has failed without a reason"
    if job.state is JobState.CANCELLED and not job.cancel_requested:
        yield "it was cancelled, and nobody asked for that"


def _gapless(book: JobBook) -> Iterator[str]:
    known = {attempt.number for attempt in book.attempts}
    for log in book.logs:
        if log.number not in known:
            yield f"there is a log of attempt {log.number}, and no such attempt"
        yield from _gaps(log)


def _gaps(log: StoredLog) -> Iterator[str]:
    end = 0
    for start, size in log.chunks:
        if start != end:
            yield f"the log of attempt {log.number} {'has a gap' if start > end else 'overlaps'} at byte {end}"
        end = start + size
    if end != log.stored:
        yield f"the chunks of the log of attempt {log.number} end at byte {end}, its head says {log.stored}"


def _whole_when_complete(book: JobBook) -> Iterator[str]:
    stored = {log.number: log.stored for log in book.logs}
    for attempt in book.attempts:
        size = attempt.outcome.log_size if attempt.outcome else None
        here = stored.get(attempt.number, 0)
        kept = attempt.log_complete and attempt.log_removed_at is None
        if not attempt.live and kept and size is not None and here < size:
            yield f"attempt {attempt.number} wrote {size} bytes, and {here} are stored"


def _ready(book: JobBook) -> Iterator[str]:
    job = book.job
    wanted = ((job.lane, job.rank),) if job.state is JobState.QUEUED else ()
    if book.ready != wanted:
        yield f"it is {job.state} and should stand in {wanted}; it stands in {book.ready}"
    if job.state is JobState.QUEUED and book.lane is None:
        yield f"it is queued in lane {job.lane}, which nobody knows and nobody walks"


def _due(book: JobBook) -> Iterator[str]:
    wanted = (book.job.due_at,) if book.job.due_at else ()
    if book.due != wanted:
        yield f"it should be looked at {[str(at) for at in wanted]}; it stands at {[str(at) for at in book.due]}"


def _seated(book: JobBook) -> Iterator[str]:
    job = book.job
    under_way = job.state is JobState.QUEUED or job.live
    if job.concurrency and under_way and job.seat is None:
        yield f"it is {job.state}, and has no seat of its key"
    if job.seat is not None and (job.concurrency is None or job.finished):
        yield f"it is {job.state} and has seat {job.seat} of {'its' if job.concurrency else 'no'} key"


def _held(book: JobBook) -> Iterator[str]:
    job = book.job
    wanted = ((job.concurrency.line, job.seat),) if job.concurrency and job.seat is not None else ()
    if book.held != wanted:
        yield f"it should hold {wanted}; it holds {book.held}"


def _key(book: JobBook) -> Iterator[str]:
    job = book.job
    if job.concurrency and (job.seat is not None or job.in_line) and book.limit is None:
        yield f"nobody knows the key {job.concurrency.key!r}, so nobody is let in"


def _awaited(book: JobBook) -> Iterator[str]:
    job = book.job
    wanted = ((job.concurrency.line, job.rank),) if job.concurrency and job.in_line else ()
    if book.awaited != wanted:
        yield f"it is {job.state} and should wait in {wanted}; it waits in {book.awaited}"


_S, _M = Keeper.STORE, Keeper.MOVES

INVARIANTS: Final = (
    Invariant("I1", _S, "What was accepted is there: a job, and what to run", _spec),
    Invariant("I2", _S, "A job has at most one live attempt", _one_live_attempt),
    Invariant("live", _M, "A job has a live attempt exactly while its state says so", _live_together),
    Invariant("attempts", _M, "Attempts are numbered from 1, and the job names the last one", _numbered),
    Invariant("I3", _M, "Each attempt was claimed under a fence of its own", _fence),
    Invariant("armed", _M, "Nothing starts that was not armed", _started_only_if_armed),
    Invariant("I9", _M, "A lease ends at a known time, and only what has one is out of reach", _leased_with_an_end),
    Invariant("I4", _M, "A job has succeeded exactly if its last attempt did, and no other one", _one_outcome),
    Invariant("I5", _M, "What has ended, ended for good, at a known time and for a reason", _ended_for_good),
    Invariant(SEATS[0], _S, SEATS[1], _seated),
    Invariant("I8", _S, "Logs have no gaps and no overlaps, and end where their heads say", _gapless),
    Invariant("complete", _M, "A log that is called complete is stored to its end", _whole_when_complete),
    Invariant("ready", _S, "A job stands in its queue exactly while it is queued", _ready),
    Invariant("due", _S, "A job is looked at again exactly when it has to be", _due),
    Invariant("hold", _S, "A job holds a seat exactly while it says so", _held),
    Invariant("key", _M, "The key of a job that holds a seat, or waits for one, is known with its limit", _key),
    Invariant("waiter", _S, "A job stands in the line of its key exactly while it says so", _awaited),
)
