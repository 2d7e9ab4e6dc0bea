from functools import partial

import pytest

from runyard.application.ports.executor import Started
from runyard.application.ports.rings import about_job, about_runner
from runyard.domain.jobs.errors import JobNotFound
from runyard.domain.jobs.limits import RetryPolicy
from tests.builders import a_job_id
from tests.proofs.defences import without
from tests.unit.application.yard import MemoryYard, ended


def test_a_waiting_job_is_cancelled_at_once(yard: MemoryYard) -> None:
    job = yard.submit()

    assert yard.cancel(job.id).state == "cancelled"
    assert yard.assign() == []


def test_a_claimed_job_is_flagged_and_its_runner_rung(yard: MemoryYard) -> None:
    job = yard.assigned()
    heard: list[str] = []
    for topic in (about_job(job.id), about_runner(yard.runner.id)):
        yard.rings.listen(topic, partial(heard.append, topic))

    flagged = yard.cancel(job.id)

    assert (flagged.state, flagged.cancel_requested) == ("claimed", True)
    assert set(heard) == {about_job(job.id), about_runner(yard.runner.id)}


def test_a_flagged_job_ends_cancelled_whatever_its_exit_code_and_is_not_retried(yard: MemoryYard) -> None:
    job = yard.assigned(retry=RetryPolicy(max_attempts=5))
    yard.report(Started(job.ref, "cgroup2"), fence=job.fence)
    yard.cancel(job.id)

    yard.report(ended(job, 0), fence=job.fence)

    cancelled = yard.get(job.id)
    assert (cancelled.state, cancelled.end_confirmed) == ("cancelled", True)
    assert cancelled.current.outcome is not None
    assert cancelled.current.outcome.exit_code == 0


def test_f71_with_the_flag_forgotten_a_job_would_succeed_after_its_cancel_was_answered(yard: MemoryYard) -> None:
    """The defence off: the promise breaks."""
    job = yard.assigned()
    with without("a cancel of a running job is kept"):
        yard.cancel(job.id)
    yard.report(ended(job), fence=job.fence)

    assert yard.get(job.id).state == "succeeded"


def test_a_cancel_that_comes_too_late_changes_nothing(yard: MemoryYard) -> None:
    job = yard.assigned()
    yard.report(ended(job, 0), fence=job.fence)

    assert yard.cancel(job.id) == yard.get(job.id)
    assert yard.get(job.id).state == "succeeded"


def test_asking_twice_is_asking_once(yard: MemoryYard) -> None:
    job = yard.assigned()
    first = yard.cancel(job.id)
    yard.clock.advance(1)

    assert yard.cancel(job.id).cancel_requested_at == first.cancel_requested_at


def test_an_unknown_job_cannot_be_cancelled(yard: MemoryYard) -> None:
    with pytest.raises(JobNotFound):
        yard.cancel(a_job_id())
