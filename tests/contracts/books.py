"""What any store must let those see who judge it."""

from datetime import timedelta
from typing import Any

import pytest

from runyard.application.ports.jobs import NewJob
from runyard.domain.accounts.projects import within
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.concurrency import KEY_BUSY, Concurrency
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.domain.jobs.states import JobState
from runyard.domain.observability.book import JobBook, StoredLog
from runyard.domain.observability.invariants import Keeper, hits_of

from ..builders import NOON, a_new_job, a_spec, an_attempt
from .stores import Store, store_all

NEVER = NOON + timedelta(days=365)


def all_books(store: Store, *, page: int = 100) -> list[JobBook]:
    found: list[JobBook] = []
    while True:
        with store.read() as reading:
            after = found[-1].job.id if found else None
            books = reading.books.books(after=after, limit=page)
        found += books
        if len(books) < page:
            return found


class BookReadingContract:
    """The promises of the port `BookReading`."""

    def test_an_empty_store_has_nothing_to_judge(self, store: Store):
        with store.read() as reading:
            assert reading.books.books(after=None, limit=10) == []
            assert reading.books.queued_since(NEVER, 10) == []
            assert reading.books.strays(10) == []

    def test_a_book_holds_a_job_and_where_it_waits(self, store: Store):
        queued, held = a_new_job(), a_new_job(a_spec(not_before=NEVER, queue_timeout=60.0))
        store_all(store, [queued, held])

        assert all_books(store) == [
            JobBook(job=queued.job, ready=((queued.job.lane, queued.job.rank),), lane=queued.spec.lane),
            JobBook(job=held.job, due=(NOON + timedelta(seconds=60),), lane=held.spec.lane),
        ]

    def test_a_book_holds_all_attempts_and_how_their_logs_are_stored(self, store: Store):
        [new] = store_all(store, [a_new_job(state=JobState.RUNNING)])
        with store.begin() as work:
            record = LogRecord(Stream.STDOUT, NOON, b"twelve bytes")
            work.logs.append([LogChunk(new.job.ref, 0, (record,))])
            work.commit()
        with store.begin() as work:
            work.logs.append([LogChunk(new.job.ref, 12, (record, record))])
            work.commit()

        [book] = all_books(store)

        assert book.named == 1
        assert book.attempts == (new.job.current,)
        assert book.logs == (StoredLog(1, 36, ((0, 12), (12, 24))),)

    def test_pages_hold_every_job_once(self, store: Store):
        new = store_all(store, [a_new_job() for _ in range(7)])

        for size in (1, 2, 3, 7, 8):
            assert [book.job.id for book in all_books(store, page=size)] == [each.job.id for each in new]

    @pytest.mark.parametrize("project", ["default", "lab"])
    def test_a_book_holds_the_seat_and_the_place_in_line_of_a_job_of_a_key(self, store: Store, project: str):
        spec, line = a_spec(concurrency=Concurrency(key="k"), project=project), within(project, "k")
        with store.begin() as work:
            work.seats.save_all([seating.limited_to(2) for seating in work.seats.lock({line: 1})])
            work.commit()
        seated = a_new_job(spec, state=JobState.QUEUED, reason=None, seat=1)
        waits = a_new_job(spec, state=JobState.PENDING, reason=KEY_BUSY)
        store_all(store, [seated, waits])

        books = all_books(store)
        assert (books[0].limit, books[0].held, books[0].awaited) == (2, ((line, 1),), ())
        assert (books[1].limit, books[1].held, books[1].awaited) == (2, (), ((line, waits.job.rank),))
        assert [hit for book in books for hit in hits_of(book, frozenset(Keeper))] == []

    def test_the_first_in_line_for_a_free_seat_was_passed_over(self, store: Store):
        def of_key(key: str, **values: Any) -> NewJob:
            return a_new_job(a_spec(concurrency=Concurrency(key=key)), **values)

        waiting = {"state": JobState.PENDING, "reason": KEY_BUSY}
        second, first = of_key("free", rank=2, **waiting), of_key("free", rank=1, **waiting)
        seated = [of_key("full", state=JobState.QUEUED, reason=None, seat=0), of_key("full", **waiting)]
        other = of_key("also free", **waiting)
        store_all(store, [second, first, *seated, other])
        with store.begin() as work:
            work.seats.lock(dict.fromkeys(("free", "full", "also free"), 1))
            work.commit()

        with store.read() as reading:
            assert [book.job.id for book in reading.books.passed_over(9)] == [first.job.id, other.job.id]
            assert len(reading.books.passed_over(1)) == 1
            assert reading.books.shared_seats(9) == []

    def test_what_has_been_queued_for_long_is_found(self, store: Store):
        old, new = a_new_job(), a_new_job(created_at=NOON + timedelta(seconds=5))
        store_all(store, [old, new, a_new_job(state=JobState.RUNNING), a_new_job(state=JobState.FAILED)])

        with store.read() as reading:
            assert [book.job.id for book in reading.books.queued_since(NOON, 10)] == [old.job.id]
            later = reading.books.queued_since(NOON + timedelta(seconds=5), 1)
        assert [book.job.id for book in later] == [old.job.id]

    def test_a_live_attempt_on_a_runner_nobody_knows_is_a_stray(self, store: Store):
        new = store_all(store, [a_new_job(state=JobState.RUNNING) for _ in range(3)])
        store_all(store, [a_new_job(state=JobState.FAILED, attempt=an_attempt(outcome=Outcome(ending=Ending.LOST)))])

        with store.read() as reading:
            found, some = reading.books.strays(10), reading.books.strays(2)
        assert (len(found), len(some)) == (3, 2)
        assert {stray.misses for stray in found} == {"such runner"}
        assert all(any(str(each.job.ref) in stray.row for stray in found) for each in new)
