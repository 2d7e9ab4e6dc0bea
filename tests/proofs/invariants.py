"""What must hold in any store at any moment, looked up through its ports. I1 to I8 are the names in the documents.

The table that `runyard check-invariants` judges by is asked too; what is here beside it compares two looks, or was
written without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runyard.domain.jobs.attempt import Attempt, Ending
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.log import joined
from runyard.domain.observability.book import JobBook
from runyard.domain.observability.invariants import Keeper, hits_of
from tests.contracts.stores import Store

MANY = 10_000
ALL = 1 << 30
EVERYBODY = frozenset(Keeper)


@dataclass(frozen=True)
class Seen:
    """Everything a store holds, at one look. `unfair` are those that should have been let in to their key."""

    books: Mapping[JobId, JobBook]
    logs: Mapping[AttemptRef, bytes]
    unfair: Sequence[JobId] = ()

    @property
    def jobs(self) -> Mapping[JobId, Job]:
        return {job_id: book.job for job_id, book in self.books.items()}


class Broken(AssertionError):
    """An invariant does not hold."""


def seen(store: Store) -> Seen:
    """All of it. I8: logs are read as chunks that leave no gap and overlap nowhere."""
    logs = dict[AttemptRef, bytes]()
    with store.read() as reading:
        books = {book.job.id: book for book in reading.books.books(after=None, limit=MANY)}
        for job_id, book in books.items():
            logs |= {AttemptRef(job_id, attempt.number): b"" for attempt in book.attempts}
            for ref in (AttemptRef(job_id, log.number) for log in book.logs):
                part, at = reading.logs.read(ref, offset=0, most=ALL), 0
                for chunk in part.chunks:
                    _expect(chunk.offset == at, f"I8: the log of {ref} has a chunk at {chunk.offset}, not at {at}")
                    at = chunk.end
                _expect(at == reading.logs.stored([ref])[ref], f"I8: of the log of {ref} {at} bytes are readable")
                logs[ref] = b"".join(joined(chunk.records) for chunk in part.chunks)
        shared = reading.books.shared_seats(MANY)
        _expect(not shared, f"I6: {shared}")
        unfair = [book.job.id for book in reading.books.passed_over(MANY)]
    return Seen(books, logs, unfair)


def check(now: Seen, before: Seen | None = None) -> None:
    """Every invariant of one look, and of two in a row."""
    _expect(not now.unfair, f"I6: {now.unfair} wait beside a free seat")
    for job_id, book in now.books.items():
        if not before or before.books.get(job_id) != book:
            _one(book)
    for job_id, old in before.books.items() if before else ():
        _expect(job_id in now.books, f"I1: {job_id} is gone")
        _two(old, now.books[job_id])
    for ref, log in before.logs.items() if before else ():
        _expect(now.logs[ref].startswith(log), f"I8: the log of {ref} was rewritten")


def _one(book: JobBook) -> None:
    job, tries = book.job, book.attempts
    live = [attempt for attempt in tries if attempt.live]
    _expect(len(live) <= 1, f"I2: {job.id} has {len(live)} live attempts")
    _expect(bool(live) == job.live, f"I2: {job.id} is {job.state} with {len(live)} live attempts")
    _expect(len(tries) <= job.fence, f"I3: {job.id} has {len(tries)} attempts under fence {job.fence}")
    _expect([attempt.number for attempt in tries] == list(range(1, len(tries) + 1)), f"I3: gap in {job.id}")
    _expect(not job.finished or job.finished_at is not None, f"I5: {job.id} ended at no time")
    _result(job, tries)
    for hit in hits_of(book, EVERYBODY):
        raise Broken(f"{hit.invariant}: {job.id}: {hit.told}")


def _two(old: JobBook, new: JobBook) -> None:
    was, job = old.job, new.job
    _expect(not was.finished or was == job, f"I5: {job.id} was {was.state} and changed")
    _expect(job.fence >= was.fence and job.version >= was.version, f"I3: the fence of {job.id} fell")
    _expect(job.cancel_requested or not was.cancel_requested, f"G5: the cancel of {job.id} was forgotten")
    again = was.cancel_requested and job.fence > was.fence and job.attempt and was.attempt
    _expect(not again or job.ref.number == was.ref.number, f"G5: {job.id} started again after its cancel")
    for before, after in zip(old.attempts, new.attempts, strict=False):
        _expect(before.live or after == before, f"I5: the ended attempt {before.number} of {job.id} changed")
    _expect(len(new.attempts) >= len(old.attempts), f"I5: an attempt of {job.id} is gone")


def _result(job: Job, tries: Sequence[Attempt]) -> None:
    """I4: whoever succeeded did so by exactly one attempt, and by its last."""
    won = [attempt for attempt in tries if attempt.outcome and attempt.outcome.succeeded and not attempt.live]
    if job.state.value == "succeeded":
        _expect(won == list(tries[-1:]), f"I4: {job.id} succeeded by attempts {[attempt.number for attempt in won]}")
    elif job.state.value == "failed" and job.reason != "forced":
        _expect(not won, f"I4: {job.id} failed although attempt {[attempt.number for attempt in won]} succeeded")
    for attempt in tries:
        released = attempt.outcome is not None and attempt.outcome.ending is Ending.RELEASED
        _expect(not released or attempt.started_at is None, f"I4: {job.id} ran and was given back as if it had not")


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise Broken(otherwise)
