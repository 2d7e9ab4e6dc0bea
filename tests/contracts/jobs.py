"""What any store of jobs must do when they change."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings

from runyard.application.ports.jobs import Change, JobFilter, NewJob
from runyard.domain.jobs.errors import JobNotFound, StaleJobs
from runyard.domain.jobs.states import JobState

from ..builders import NOON, a_job, a_job_id, a_new_job, a_runner_id
from .claims import taken
from .lives import SEATLESS, SEATS, stored_jobs
from .stores import Store, record, save, store_all, stored

BORN = (
    "id",
    "queue",
    "lane",
    "priority",
    "retry",
    "on_lost",
    "replacement",
    "created_at",
    "deadlines",
    "concurrency",
    "version",
)
MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


class JobsContract:
    """The promises of the port `Jobs`."""

    def test_an_uncommitted_job_never_existed(self, store: Store):
        new = a_new_job()
        with store.begin() as work:
            work.jobs.add_all([new])

        with store.read() as reading, pytest.raises(JobNotFound):
            reading.jobs.get(new.job.id)

    def test_an_error_undoes_everything(self, store: Store):
        job = stored(store, a_new_job())

        def fail() -> None:
            with store.begin() as work:
                work.jobs.add_all([a_new_job()])
                work.jobs.save_all([Change(job, job.cancelled(now=NOON))])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()

        with store.read() as reading:
            [item] = reading.jobs.page(JobFilter(), after=None, limit=9).items
            assert item.job == job

    def test_what_follows_a_commit_is_undone_too(self, store: Store):
        first, second = a_new_job(), a_new_job()
        with store.begin() as work:
            work.jobs.add_all([first])
            work.commit()
            work.jobs.add_all([second])

        with store.read() as reading:
            assert set(reading.jobs.specs([first.job.id, second.job.id])) == {first.job.id}

    @MANY
    @given(new=stored_jobs())
    def test_every_field_of_a_new_job_comes_back(self, store: Store, new: NewJob):
        store_all(store, [new])

        found = record(store, new.job.id)
        assert (found.job, found.spec) == (new.job, new.spec)

    @MANY
    @given(before=stored_jobs(), after=stored_jobs())
    def test_every_field_that_changes_comes_back(self, store: Store, before: NewJob, after: NewJob):
        store_all(store, [before])
        born = {name: getattr(before.job, name) for name in BORN}
        was, becomes = before.job.attempt, after.job.attempt
        assume(becomes or not was)
        same_try = replace(becomes, number=was.number) if was and becomes else becomes
        keyed = before.job.concurrency is not None
        seat = next(SEATS) if keyed and after.job.state not in SEATLESS else None
        shall_be = replace(after.job, attempt=same_try, seat=seat, **born)
        save(store, Change(before.job, shall_be))

        assert replace(record(store, before.job.id).job, version=before.job.version) == shall_be

    def test_moments_keep_their_instant_to_the_microsecond(self, store: Store):
        elsewhere = NOON.astimezone(tz=None) + timedelta(microseconds=1)
        job = stored(store, a_new_job(created_at=elsewhere))

        assert job.created_at == elsewhere
        assert job.created_at.utcoffset() == timedelta(0)

    def test_the_store_knows_the_time_with_zone(self, store: Store):
        with store.begin() as work:
            first, second = work.now(), work.now()

        assert first.utcoffset() == timedelta(0)
        assert first <= second

    def test_the_slower_of_two_writers_is_refused(self, store: Store):
        job = stored(store, a_new_job())
        save(store, Change(job, job.cancelled(now=NOON)))

        with pytest.raises(StaleJobs) as refused:
            save(store, Change(job, job.claimed_by(a_runner_id(), now=NOON)))

        assert refused.value.job_ids == (job.id,)
        assert record(store, job.id).job.state is JobState.CANCELLED

    def test_all_changes_are_saved_or_none(self, store: Store):
        first, second = (stored(store, a_new_job()) for _ in range(2))
        save(store, Change(second, second.cancelled(now=NOON)))

        with pytest.raises(StaleJobs):
            save(store, *(Change(job, job.cancelled(now=NOON)) for job in (first, second)))
        assert record(store, first.id).job == first

    def test_who_ignores_a_refusal_still_saves_none(self, store: Store):
        jobs = [stored(store, a_new_job()) for _ in range(3)]
        save(store, Change(jobs[1], jobs[1].cancelled(now=NOON)))
        with store.begin() as work:
            with pytest.raises(StaleJobs) as refused:
                work.jobs.save_all([Change(job, job.cancelled(now=NOON)) for job in jobs])
            work.commit()

        assert refused.value.job_ids == (jobs[1].id,)
        assert [record(store, job.id).job.version for job in jobs] == [0, 1, 0]

    def test_a_job_nobody_stored_cannot_be_saved(self, store: Store):
        job = a_job()

        with pytest.raises(StaleJobs):
            save(store, Change(job, job.cancelled(now=NOON)))

    def test_the_same_job_twice_in_one_batch_is_refused(self, store: Store):
        job = stored(store, a_new_job())
        change = Change(job, job.cancelled(now=NOON))

        with pytest.raises(StaleJobs):
            save(store, change, change)

    def test_a_save_counts_up_the_version_and_no_change_does_not(self, store: Store):
        job = stored(store, a_new_job())
        save(store, Change(job, job))
        assert record(store, job.id).job.version == job.version

        save(store, Change(job, job.cancelled(now=NOON)))
        assert record(store, job.id).job.version == job.version + 1

    def test_jobs_are_locked_in_the_order_of_their_ids_and_unknown_ones_are_missing(self, store: Store):
        jobs = [stored(store, a_new_job()) for _ in range(3)]
        with store.begin() as work:
            got = work.jobs.lock([jobs[2].id, a_job_id(), jobs[0].id, jobs[1].id, jobs[0].id])
            assert work.jobs.lock([]) == []

        assert got == jobs

    def test_earlier_attempts_are_kept(self, store: Store):
        job = stored(store, a_new_job())
        for _ in range(2):
            taken(store, 1)
            live = record(store, job.id).job
            save(store, Change(live, live.released(now=NOON)))
        taken(store, 1)

        with store.read() as reading:
            tries = reading.jobs.attempts(job.id)
            current = reading.jobs.get(job.id).job.attempt
        assert [(attempt.number, attempt.live) for attempt in tries] == [(1, False), (2, False), (3, True)]
        assert current == tries[-1]
