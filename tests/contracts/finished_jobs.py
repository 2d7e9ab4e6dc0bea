"""What any store must do with jobs that were kept long enough."""

from datetime import timedelta

import pytest

from runyard.application.ports.finished_jobs import StoredOutput
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.errors import JobNotFound
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.domain.jobs.states import JobState

from ..builders import NOON, a_new_job, an_attempt
from .stores import Store, record, store_all

DAY = timedelta(days=1)
MEBIBYTE = b"x" * (1 << 20)


def ended(store: Store, days: float, state: JobState = JobState.SUCCEEDED, *, output: int = 0) -> Job:
    """A job that ended so many days after noon, having written so many chunks of a mebibyte."""
    attempt = an_attempt(outcome=Outcome(ending=Ending.EXIT, exit_code=0))
    new = a_new_job(state=state, attempt=attempt, fence=1, finished_at=NOON + days * DAY)
    [new] = store_all(store, [new])
    for number in range(output):
        with store.begin() as work:
            chunk = LogChunk(new.job.ref, number << 20, (LogRecord(Stream.STDOUT, NOON, MEBIBYTE),))
            work.logs.append([chunk])
            work.commit()
    return new.job


class FinishedJobsContract:
    """The promises of the port `FinishedJobs`."""

    def test_those_that_ended_before_a_moment_are_found_by_state(self, store: Store):
        first, _, failed = ended(store, 0), ended(store, 2), ended(store, 0, JobState.FAILED)
        store_all(store, [a_new_job(), a_new_job(state=JobState.RUNNING)])

        with store.begin() as work:
            assert work.finished.ended_before({JobState.SUCCEEDED: NOON + DAY}, 10) == [first.id]
            assert work.finished.ended_before({JobState.FAILED: NOON + DAY}, 10) == [failed.id]
            assert work.finished.ended_before({JobState.SUCCEEDED: NOON}, 10) == []
            both = dict.fromkeys((JobState.SUCCEEDED, JobState.FAILED), NOON + 9 * DAY)
            assert len(work.finished.ended_before(both, 1)) == 2

    def test_beyond_the_latest_ones_everything_is_surplus(self, store: Store):
        jobs = [ended(store, days) for days in (3, 1, 2)]
        store_all(store, [a_new_job()])

        with store.begin() as work:
            assert work.finished.surplus(3, 10) == []
            assert work.finished.surplus(1, 10) == [jobs[1].id, jobs[2].id]
            assert work.finished.surplus(0, 1) == [jobs[1].id]

    def test_the_longest_finished_outputs_come_first_and_no_others(self, store: Store):
        late, early = ended(store, 2, output=1), ended(store, 1, output=2)
        [running] = store_all(store, [a_new_job(state=JobState.RUNNING)])
        with store.begin() as work:
            work.logs.append([LogChunk(running.job.ref, 0, (LogRecord(Stream.STDOUT, NOON, b"x"),))])
            work.commit()

        with store.begin() as work:
            outputs = [StoredOutput(early.ref, 2 << 20), StoredOutput(late.ref, 1 << 20)]
            assert work.finished.outputs(None, 10) == outputs
            assert work.finished.outputs(None, 1) == outputs[:1]
            assert work.finished.outputs([late.id, running.job.id], 10) == outputs[1:]

    def test_a_log_is_cut_from_its_end_and_stays_whole(self, store: Store):
        job = ended(store, 0, output=3)
        with store.begin() as work:
            assert work.finished.cut(job.ref, 2) == 2
            now = work.now()
            work.commit()

        with store.read() as reading:
            assert reading.logs.stored([job.ref]) == {job.ref: 1 << 20}
            assert reading.logs.read(job.ref, offset=0, most=9 << 20).end == 1 << 20
            [attempt] = reading.jobs.attempts(job.id)
        assert attempt.log_removed_at is not None
        assert abs(attempt.log_removed_at - now) < timedelta(minutes=1)
        assert record(store, job.id).job.current == attempt

        with store.begin() as work:
            assert work.finished.cut(job.ref, 2) == 1
            assert work.finished.cut(job.ref, 2) == 0
            work.commit()
        with store.read() as reading:
            assert reading.logs.stored([job.ref]) == {job.ref: 0}

    def test_a_removed_job_has_never_been(self, store: Store):
        gone, kept = ended(store, 0), ended(store, 0, output=1)
        with store.begin() as work:
            work.finished.remove([gone.id])
            work.finished.remove([])
            work.commit()

        with store.read() as reading:
            with pytest.raises(JobNotFound):
                reading.jobs.get(gone.id)
            assert [book.job.id for book in reading.books.books(after=None, limit=9)] == [kept.id]
            assert reading.books.strays(9) == []
