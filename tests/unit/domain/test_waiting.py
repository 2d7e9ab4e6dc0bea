from datetime import timedelta

import pytest

from runyard.domain.jobs.errors import StaleAttempt
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import Deadlines, RetryPolicy, rank
from runyard.domain.jobs.states import FINAL_STATES, IllegalTransition, JobState
from tests.builders import NOON, a_job, a_job_id, a_spec

from .lives import RUNNER, SECOND, armed, claimed, exited, queued, running

HOUR = timedelta(hours=1)


def test_a_new_job_is_queued():
    job = queued(priority=3)

    assert job.state is JobState.QUEUED
    assert not job.live
    assert not job.finished
    assert job.rank == rank(NOON, 3)
    assert job.due_at is None


def test_a_job_for_later_is_held_until_then():
    job = queued(not_before=NOON + HOUR)

    assert (job.state, job.reason, job.due_at) == (JobState.PENDING, "scheduled", NOON + HOUR)
    assert job.woken(now=NOON + HOUR - SECOND) is job
    assert job.rank == rank(NOON + HOUR, 0)

    woken = job.woken(now=NOON + HOUR)
    assert (woken.state, woken.reason) == (JobState.QUEUED, None)


def test_a_job_for_the_past_is_queued_at_once():
    assert queued(not_before=NOON - HOUR).state is JobState.QUEUED


@pytest.mark.parametrize("limit", ["queue_timeout", "total_timeout"])
def test_a_job_nobody_claims_in_time_expires(limit):
    job = queued(**{limit: 60.0})

    assert job.due_at == NOON + 60 * SECOND
    assert job.woken(now=NOON + 59 * SECOND) is job

    late = job.woken(now=NOON + 60 * SECOND)
    assert (late.state, late.reason, late.end_confirmed) == (JobState.FAILED, "expired", True)
    assert late.message == f"not started within its {limit}"
    assert late.finished_at == NOON + 60 * SECOND


def test_a_held_job_expires_too():
    job = queued(not_before=NOON + HOUR, queue_timeout=60.0)

    assert job.due_at == NOON + 60 * SECOND
    assert job.woken(now=NOON + 60 * SECOND).state is JobState.FAILED


def test_a_claimed_job_has_kept_its_queue_timeout():
    job = armed(queue_timeout=60.0, total_timeout=600.0, retry=RetryPolicy(max_attempts=2))

    assert job.due_at is None
    assert job.woken(now=NOON + HOUR) is job

    again = job.ended(exited(1), log_stored=0, now=NOON)
    assert again.woken(now=NOON + 61 * SECOND).state is JobState.QUEUED
    assert again.woken(now=NOON + 600 * SECOND).reason == "expired"


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.PENDING, JobState.QUEUED, JobState.DRAFT}))
def test_a_job_that_does_not_wait_cannot_be_woken(state):
    job = a_job(a_spec(total_timeout=1.0), state=state)

    assert job.woken(now=NOON + HOUR) is job


def test_a_claim_makes_a_new_attempt_under_a_new_fence():
    job = queued().claimed_by(RUNNER, now=NOON + SECOND, lease=3599)

    assert (job.state, job.fence, job.ref.number) == (JobState.CLAIMED, 1, 1)
    assert (job.current.runner_id, job.current.claimed_at) == (RUNNER, NOON + SECOND)
    assert job.current.lease_until == NOON + HOUR
    assert job.current.live
    assert not job.current.armed

    again = job.released(now=NOON).claimed_by(RUNNER, now=NOON)
    assert (again.fence, again.ref.number) == (2, 2)


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.QUEUED}))
def test_only_a_queued_job_can_be_claimed(state):
    with pytest.raises(IllegalTransition):
        a_job(state=state).claimed_by(RUNNER, now=NOON)


def test_a_job_that_was_never_claimed_has_no_attempt_to_speak_of():
    with pytest.raises(StaleAttempt):
        _ = queued().current


@pytest.mark.parametrize("job", [queued(), queued(not_before=NOON + HOUR)], ids=["queued", "pending"])
def test_cancelling_a_waiting_job_ends_it_at_once(job):
    job = job.cancelled(now=NOON + SECOND)

    assert (job.state, job.reason, job.end_confirmed) == (JobState.CANCELLED, "cancelled", True)
    assert job.finished_at == job.cancel_requested_at == NOON + SECOND


def test_cancelling_a_claimed_job_that_was_not_armed_ends_it_at_once():
    job = claimed().cancelled(now=NOON)

    assert (job.state, job.end_confirmed) == (JobState.CANCELLED, True)
    assert not job.current.live
    with pytest.raises(StaleAttempt):
        job.armed("boot", now=NOON)


@pytest.mark.parametrize("job", [armed(), running()], ids=["armed", "running"])
def test_cancelling_what_may_run_only_asks(job):
    asked = job.cancelled(now=NOON + SECOND)

    assert asked.state is job.state
    assert asked.cancel_requested
    assert asked.current == job.current


@pytest.mark.parametrize("seen_gone", [True, None])
def test_the_end_of_a_waiting_job_is_only_as_certain_as_that_of_its_last_attempt(seen_gone):
    job = armed(total_timeout=60.0).lost(now=NOON, why="host gone", tree_empty=seen_gone)

    assert job.cancelled(now=NOON).end_confirmed is seen_gone
    assert job.woken(now=NOON + HOUR).end_confirmed is seen_gone


def test_asking_twice_changes_nothing():
    job = running().cancelled(now=NOON)

    assert job.cancelled(now=NOON + HOUR) is job


@pytest.mark.parametrize("state", sorted(FINAL_STATES))
def test_a_finished_job_cannot_be_cancelled(state):
    job = a_job(state=state)

    assert job.cancelled(now=NOON + HOUR) is job


def test_deadlines_count_from_the_submission_and_the_first_one_counts():
    both = Deadlines.counted_from(NOON, queue=60, total=30)

    assert (both.claim_by, both.end_by) == (NOON + 60 * SECOND, NOON + 30 * SECOND)
    assert both.of_wait(tried=False) == both.of_wait(tried=True) == NOON + 30 * SECOND
    assert Deadlines().of_wait(tried=False) is None


def test_the_longest_timeouts_fit_into_a_date():
    assert Job.submitted(a_job_id(), a_spec(total_timeout=366 * 86400.0), now=NOON).deadlines.end_by
