from runyard.application.jobs.list_jobs import ListJobs
from runyard.application.moving.mark_restored import CHUNK, Marked, MarkRestored, MarkRestoredCommand
from runyard.domain.jobs.errors import StaleAttempt
from runyard.domain.jobs.restored import LEAP

from .yard import MemoryYard, ended


def restored(yard: MemoryYard) -> Marked:
    return MarkRestored(yard.store.begin, yard.store.read, ListJobs(yard.store.read)).execute(MarkRestoredCommand())


def test_f88_what_was_told_before_the_restore_does_not_count_after_it():
    yard = MemoryYard()
    job = yard.submit()
    backup = yard.store._published
    (before,) = yard.assign()
    driver = yard.runner.driver

    yard.store._published = backup
    assert restored(yard) == Marked(1, 1)
    yard.adopt("driver")
    (again,) = yard.assign()

    assert again.job.ref == before.job.ref
    assert again.job.fence > before.job.fence
    (answer,) = yard.report(ended(before.job), fence=before.job.fence)
    assert isinstance(answer.refused, StaleAttempt)
    assert driver is not None
    assert yard.epoch > driver.epoch + LEAP
    (answer,) = yard.report(ended(again.job), fence=again.job.fence)
    assert answer.refused is None
    assert yard.get(job.id).state == "succeeded"


def test_every_unfinished_job_leaps_and_nothing_else_changes():
    yard = MemoryYard()
    jobs = [yard.submit() for _ in range(CHUNK + 5)]
    done = yard.get(yard.cancel(jobs[0].id).id)

    assert restored(yard) == Marked(1, CHUNK + 4)

    assert yard.get(done.id) == done
    assert {yard.get(job.id).fence for job in jobs[1:]} == {LEAP}
    assert {yard.get(job.id).state.value for job in jobs[1:]} == {"queued"}


def test_f88_without_the_leap_what_was_told_before_the_restore_would_count():
    """The defence off: the same attempt under the same fence, of a job that runs a second time."""
    yard = MemoryYard()
    job = yard.submit()
    backup = yard.store._published
    (before,) = yard.assign()

    yard.store._published = backup
    yard.adopt("driver")
    (again,) = yard.assign()

    assert (again.job.ref, again.job.fence) == (before.job.ref, before.job.fence)
    (answer,) = yard.report(ended(before.job, 3), fence=before.job.fence)
    assert answer.refused is None
    assert yard.get(job.id).state == "failed"
