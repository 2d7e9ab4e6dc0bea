"""Removing what was kept long enough, in bounded steps."""

from datetime import timedelta

import pytest

from runyard.application.jobs.purge_jobs import Purged, PurgeJobs, PurgeJobsCommand
from runyard.application.jobs.read_log import ReadLogCommand
from runyard.application.observability.check_invariants import CheckInvariants, CheckInvariantsCommand
from runyard.application.ports.executor import Started
from runyard.domain.jobs.errors import JobNotFound, LogRemoved
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.retention import Retention
from runyard.domain.jobs.states import JobState

from .yard import MemoryYard, ended

DAY = timedelta(days=1)
SUCCEEDED_A_DAY = Retention(ages={JobState.SUCCEEDED: DAY})


def purge(yard: MemoryYard, retention: Retention, **most: int) -> Purged:
    return PurgeJobs(yard.store.begin, retention).execute(PurgeJobsCommand(**most))


def purge_all(yard: MemoryYard, retention: Retention, **most: int) -> int:
    """How many steps it took."""
    for step in range(1, 100):
        if not purge(yard, retention, **most).more:
            return step
    raise AssertionError("it never came to an end")


def done(yard: MemoryYard, *chunks: bytes, code: int = 0) -> Job:
    job = yard.assigned()
    yard.report(Started(job.ref, "group"), fence=job.fence)
    size = 0
    for chunk in chunks:
        yard.append(yard.chunk(job, size, chunk), fence=job.fence)
        size += len(chunk)
    yard.report(ended(job, code, log_size=size), fence=job.fence)
    return yard.get(job.id)


def left(yard: MemoryYard, *jobs: Job) -> list[bool]:
    def there(job: Job) -> bool:
        try:
            yard.get(job.id)
        except JobNotFound:
            return False
        return True

    return [there(job) for job in jobs]


@pytest.fixture(autouse=True)
def all_is_well(yard: MemoryYard):
    yield
    assert CheckInvariants(yard.store.read).execute(CheckInvariantsCommand()).hits == ()


def test_what_ended_long_ago_goes_and_nothing_else_does(yard: MemoryYard):
    old, failed = done(yard, b"out"), done(yard, code=1)
    running, waiting = yard.assigned(), yard.submit(not_before=yard.clock.now() + 9 * DAY)
    yard.clock.advance(2 * 86400)
    new = done(yard, b"out")

    assert purge(yard, SUCCEEDED_A_DAY).jobs == 1
    assert left(yard, old, failed, running, waiting, new) == [False, True, True, True, True]
    assert purge(yard, SUCCEEDED_A_DAY) == Purged(0, 0, more=False)


def test_without_limits_everything_is_kept(yard: MemoryYard):
    job = done(yard, b"out")
    yard.clock.advance(10_000 * 86400)

    assert purge(yard, Retention()) == Purged(0, 0, more=False)
    assert left(yard, job) == [True]


def test_only_the_latest_are_kept_of_more_than_were_asked_for(yard: MemoryYard):
    jobs = []
    for _ in range(5):
        jobs.append(done(yard))
        yard.clock.advance(1)
    waiting = yard.submit()

    purge_all(yard, Retention(jobs=2))

    assert left(yard, *jobs, waiting) == [False, False, False, True, True, True]


def test_many_jobs_and_long_logs_go_in_small_steps(yard: MemoryYard):
    jobs = [done(yard, *[b"chunk"] * 7) for _ in range(5)]
    yard.clock.advance(2 * 86400)

    first = purge(yard, SUCCEEDED_A_DAY, most=2, chunks=3)

    assert (first.jobs, first.chunks, first.more) == (0, 3, True)
    assert purge_all(yard, SUCCEEDED_A_DAY, most=2, chunks=3) >= 10
    assert left(yard, *jobs) == [False] * 5


def test_the_oldest_output_goes_when_there_is_too_much_and_its_job_stays(yard: MemoryYard):
    old, new = done(yard, b"x" * 60), done(yard, b"x" * 50)

    purge_all(yard, Retention(output=100))

    assert left(yard, old, new) == [True, True]
    with pytest.raises(LogRemoved, match=old.id):
        yard.read_log.execute(ReadLogCommand(job_id=old.id))
    assert yard.read_log.execute(ReadLogCommand(job_id=new.id)).slice.end == 50
    assert yard.get(old.id).current.log_removed_at == yard.clock.now()
    assert purge(yard, Retention(output=100)) == Purged(0, 0, more=False)


def test_the_output_of_what_runs_is_never_removed(yard: MemoryYard):
    running = yard.assigned()
    yard.report(Started(running.ref, "group"), fence=running.fence)
    yard.append(yard.chunk(running, 0, b"x" * 500), fence=running.fence)

    assert not purge(yard, Retention(output=100)).more
    assert yard.read_log.execute(ReadLogCommand(job_id=running.id)).slice.end == 500


def test_steps_end_where_nothing_more_can_be_removed(yard: MemoryYard):
    running = yard.assigned()
    yard.append(yard.chunk(running, 0, b"x" * 500), fence=running.fence)
    done(yard, b"x" * 10)

    assert purge_all(yard, Retention(output=100)) <= 2
