from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.limits import Backoff, RetryCause, RetryPolicy, rank
from tests.builders import NOON, a_job_id

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001, UP017
priorities = st.integers(-1000, 1000)


REF = AttemptRef(a_job_id(), 1)


def seconds(backoff, failures, of=REF):
    return backoff.delay(failures, of).total_seconds()


def test_the_wait_grows_up_to_its_maximum():
    backoff = Backoff(initial=2, factor=3, max=50, jitter=0)

    assert [seconds(backoff, failures) for failures in (1, 2, 3, 4, 5)] == [2, 6, 18, 50, 50]


@pytest.mark.parametrize("factor", [1, 2.0, 100, 100.0])
def test_the_wait_after_ever_so_many_failures_is_the_maximum(factor):
    assert seconds(Backoff(initial=300, factor=factor, max=300, jitter=0), 10_000) == 300


def test_no_wait_at_all_is_possible():
    assert seconds(Backoff(initial=0), 50) == 0


def test_one_attempt_means_no_retry():
    assert RetryPolicy().next_attempt(RetryCause.EXIT_CODE, 1, of=REF, now=NOON) is None


def test_a_policy_allows_so_many_attempts_for_the_causes_it_names():
    policy = RetryPolicy(max_attempts=3, on=frozenset({RetryCause.TIMEOUT}), backoff=Backoff(initial=5, jitter=0))

    assert policy.next_attempt(RetryCause.TIMEOUT, 2, of=REF, now=NOON) == NOON + timedelta(seconds=10)
    assert policy.next_attempt(RetryCause.TIMEOUT, 3, of=REF, now=NOON) is None
    assert policy.next_attempt(RetryCause.SIGNAL, 1, of=REF, now=NOON) is None


def test_a_policy_gives_up_when_the_next_try_would_be_too_late():
    policy = RetryPolicy(max_attempts=3, backoff=Backoff(initial=5, jitter=0))

    late = NOON + timedelta(seconds=5)
    assert policy.next_attempt(RetryCause.SIGNAL, 1, of=REF, now=NOON, before=late) is None
    assert policy.next_attempt(RetryCause.SIGNAL, 1, of=REF, now=NOON, before=late + timedelta(microseconds=1)) == late


@pytest.mark.parametrize("ending", Ending)
def test_every_ending_has_a_cause_that_a_policy_can_name(ending):
    assert Outcome(ending=ending).cause in RetryCause
    assert Outcome(ending=ending).explained()


def test_success_is_exit_code_0_and_nothing_else():
    assert Outcome(ending=Ending.EXIT, exit_code=0).succeeded
    for ending in set(Ending) - {Ending.EXIT}:
        assert not Outcome(ending=ending, exit_code=0).succeeded
    assert not Outcome(ending=Ending.EXIT, exit_code=1).succeeded
    assert not Outcome(ending=Ending.EXIT).succeeded


@given(moments, priorities, st.integers(-2000, 2000))
def test_a_point_of_priority_is_worth_a_minute_of_waiting(moment, priority, points):
    assert rank(moment + timedelta(minutes=points), priority + points) == rank(moment, priority)


@given(moments, moments, priorities)
def test_of_two_equally_important_jobs_the_older_goes_first(one, other, priority):
    assert (rank(one, priority) < rank(other, priority)) == (one < other)


def test_the_zone_does_not_matter():
    assert rank(NOON.astimezone(timezone(timedelta(hours=9))), 0) == rank(NOON, 0)


def test_the_same_attempt_always_waits_equally_long_and_others_do_not():
    backoff = Backoff(initial=100, max=100, jitter=0.5)
    refs = [AttemptRef(a_job_id(), number) for number in range(1, 201)]

    waits = [seconds(backoff, 1, ref) for ref in refs]

    assert waits == [seconds(backoff, 1, ref) for ref in refs]
    assert len(set(waits)) == 200
    assert 50 <= min(waits) < 60
    assert 90 < max(waits) <= 100
