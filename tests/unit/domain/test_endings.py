from datetime import timedelta

import pytest

from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.limits import CRASH_LIMIT, Backoff, OnLost, RetryCause, RetryPolicy, rank
from runyard.domain.jobs.states import LIVE_STATES, IllegalTransition, JobState
from tests.builders import BOOT, NOON, a_job

from .lives import RUNNER, SECOND, armed, exited, finishing, queued, running

TRIES = RetryPolicy(max_attempts=3, backoff=Backoff(initial=10, factor=2, max=15, jitter=0))


@pytest.mark.parametrize("job", [armed(), running(), running().paused()], ids=["claimed", "running", "paused"])
def test_exit_0_with_its_whole_log_is_success(job):
    job = job.ended(exited(0, log_size=10), log_stored=10, now=NOON + SECOND)

    assert (job.state, job.reason, job.message) == (JobState.SUCCEEDED, None, None)
    assert job.finished_at == job.current.ended_at == NOON + SECOND
    assert job.current.outcome == exited(0, log_size=10)
    assert job.current.log_complete
    assert (job.failures, job.end_confirmed) == (0, True)


def test_a_recorded_exit_waits_for_the_rest_of_the_log():
    job = running().ended(exited(0, log_size=10), log_stored=4, now=NOON)
    assert job.state is JobState.FINISHING
    assert job.current.live
    assert job.settled(log_stored=9, now=NOON) is job

    done = job.settled(log_stored=10, now=NOON + SECOND)
    assert (done.state, done.current.log_complete, done.finished_at) == (JobState.SUCCEEDED, True, NOON + SECOND)


def test_a_log_that_can_never_be_complete_is_given_up_but_the_exit_stands():
    for job in [finishing().settled(log_stored=4, now=NOON, give_up=True), finishing().lost(now=NOON, why="gone")]:
        assert (job.state, job.current.log_complete, job.crashes) == (JobState.SUCCEEDED, False, 0)


def test_a_log_whose_output_is_gone_ends_where_it_is_stored():
    cut = running().log_cut(stored=4, now=NOON)
    assert (cut.state, cut.current.log_complete) == (JobState.RUNNING, False)
    done = cut.ended(exited(0, log_size=10), log_stored=4, now=NOON + SECOND)
    assert (done.state, done.current.log_complete) == (JobState.SUCCEEDED, False)

    ended = finishing(exit_code=3, log_size=10).log_cut(stored=4, now=NOON)
    assert (ended.state, ended.reason, ended.current.log_complete) == (JobState.FAILED, "exit_code", False)


def test_a_repeated_end_changes_nothing_while_the_log_is_missing():
    job = finishing(exit_code=3, log_size=10)

    assert job.ended(exited(3, log_size=10), log_stored=5, now=NOON) is job
    assert job.ended(exited(3, log_size=10), log_stored=10, now=NOON).reason == "exit_code"


def test_the_first_recorded_exit_wins():
    job = finishing(exit_code=3, log_size=10).ended(exited(0, log_size=0), log_stored=0, now=NOON)

    assert job.state is JobState.FINISHING
    assert job.settled(log_stored=10, now=NOON).state is JobState.FAILED


def test_only_a_finishing_job_settles():
    for job in [queued(), running(), a_job(state="failed")]:
        assert job.settled(log_stored=10, now=NOON, give_up=True) is job


def test_an_end_of_unknown_log_size_waits_for_nothing():
    assert running().ended(exited(0, log_size=None), log_stored=3, now=NOON).state is JobState.SUCCEEDED


@pytest.mark.parametrize(
    ("outcome", "reason", "message"),
    [
        (exited(3), "exit_code", "exit code 3"),
        (Outcome(ending=Ending.SIGNAL, signal=9), "signal", "ended by signal 9"),
        (Outcome(ending=Ending.TIMEOUT, exit_code=0), "timeout", "ended for running longer than its time limit"),
        (Outcome(ending=Ending.LOG_LIMIT, signal=9, message="too much"), "log_limit", "too much"),
        (Outcome(ending=Ending.START_FAILED, message="no such program"), "start_failed", "no such program"),
    ],
)
def test_a_failure_says_why(outcome, reason, message):
    job = armed().ended(outcome, log_stored=0, now=NOON)

    assert (job.state, job.reason, job.message, job.failures) == (JobState.FAILED, reason, message, 1)


def test_a_failure_is_tried_again_after_a_growing_wait():
    job = queued(retry=TRIES, priority=2)
    for failures, wait in [(1, 10), (2, 15)]:
        job = job.claimed_by(RUNNER, now=NOON).armed(BOOT, now=NOON).ended(exited(1), log_stored=0, now=NOON)
        again = NOON + timedelta(seconds=wait)
        assert (job.state, job.reason, job.failures) == (JobState.PENDING, "backing_off", failures)
        assert (job.eligible_at, job.due_at, job.rank) == (again, again, rank(again, 2))
        assert (job.finished_at, job.end_confirmed) == (None, None)
        job = job.woken(now=again)
    job = job.claimed_by(RUNNER, now=NOON).armed(BOOT, now=NOON).ended(exited(1), log_stored=0, now=NOON)

    assert (job.state, job.ref.number, job.failures) == (JobState.FAILED, 3, 3)


def test_a_failure_outside_the_policy_is_final():
    job = running(retry=RetryPolicy(max_attempts=9, on=frozenset({RetryCause.TIMEOUT})))

    assert job.ended(exited(1), log_stored=0, now=NOON).state is JobState.FAILED
    assert job.ended(Outcome(ending=Ending.TIMEOUT), log_stored=0, now=NOON).state is JobState.PENDING


def test_a_try_that_could_not_begin_in_time_is_not_waited_for():
    assert running(retry=TRIES, total_timeout=10.0).ended(exited(1), log_stored=0, now=NOON).state is JobState.FAILED
    assert running(retry=TRIES, total_timeout=11.0).ended(exited(1), log_stored=0, now=NOON).state is JobState.PENDING


@pytest.mark.parametrize("outcome", [exited(0), exited(1), Outcome(ending=Ending.SIGNAL, signal=15, tree_empty=False)])
def test_any_end_confirms_a_cancel_and_stays_true(outcome):
    job = running(retry=TRIES).cancelled(now=NOON).ended(outcome, log_stored=0, now=NOON)

    assert (job.state, job.reason, job.end_confirmed) == (JobState.CANCELLED, "cancelled", outcome.tree_empty)
    assert job.current.outcome == outcome


def test_a_cancel_while_finishing_still_counts():
    job = finishing(exit_code=0).cancelled(now=NOON).settled(log_stored=10, now=NOON)

    assert job.state is JobState.CANCELLED


def test_a_lost_attempt_is_tried_again_until_the_crash_limit():
    job = queued()
    for crashes in range(1, CRASH_LIMIT):
        job = job.claimed_by(RUNNER, now=NOON).armed(BOOT, now=NOON).lost(now=NOON, why="host gone")
        assert (job.state, job.crashes, job.failures) == (JobState.QUEUED, crashes, 0)
        assert not job.current.live
        assert not job.current.log_complete
    job = job.claimed_by(RUNNER, now=NOON).armed(BOOT, now=NOON).lost(now=NOON, why="host gone", tree_empty=True)

    assert (job.state, job.reason, job.end_confirmed) == (JobState.FAILED, "crash_limit", True)
    assert job.message == "lost 3 times; the last time: host gone"


def test_a_job_has_its_own_crash_limit():
    job = armed(retry=RetryPolicy(crash_limit=1)).lost(now=NOON, why="host gone")

    assert (job.state, job.reason, job.message) == (
        JobState.FAILED,
        "crash_limit",
        "lost 1 times; the last time: host gone",
    )


def test_on_lost_fail_is_lost_and_not_at_the_crash_limit():
    job = armed(on_lost=OnLost.FAIL, retry=RetryPolicy(crash_limit=1)).lost(now=NOON, why="host gone")

    assert job.reason == "lost"


def test_on_lost_fail_allows_one_start():
    job = armed(on_lost=OnLost.FAIL).lost(now=NOON, why="host gone")

    assert (job.state, job.reason, job.message) == (JobState.FAILED, "lost", "host gone")


@pytest.mark.parametrize("tree_empty", [True, False, None])
def test_a_loss_after_a_cancel_ends_the_job_and_says_what_is_known(tree_empty):
    job = running().cancelled(now=NOON).lost(now=NOON, why="host gone", tree_empty=tree_empty)

    assert (job.state, job.end_confirmed, job.crashes) == (JobState.CANCELLED, tree_empty, 1)


def test_a_dead_mans_kill_is_a_loss():
    job = running().ended(Outcome(ending=Ending.DEADMAN, tree_empty=True), log_stored=0, now=NOON)

    assert (job.state, job.crashes, job.failures) == (JobState.QUEUED, 1, 0)
    assert job.message == "ended by its host, which had heard of nobody for too long"


@pytest.mark.parametrize("log_stored", [9, 10])
def test_a_dead_mans_kill_after_a_recorded_exit_gives_up_no_more_of_the_log_than_is_missing(log_stored):
    job = finishing().ended(Outcome(ending=Ending.DEADMAN), log_stored=log_stored, now=NOON)

    assert (job.state, job.crashes, job.current.log_complete) == (JobState.SUCCEEDED, 0, log_stored == 10)


@pytest.mark.parametrize("state", sorted(set(JobState) - LIVE_STATES))
def test_nothing_but_a_live_attempt_can_be_lost(state):
    job = a_job(state=state, attempt=running().lost(now=NOON, why="earlier").current)
    with pytest.raises(IllegalTransition):
        job.lost(now=NOON, why="gone")


def test_a_forced_end_is_only_in_the_books():
    job = running().forced(now=NOON, why="machine scrapped")

    assert (job.state, job.reason, job.message) == (JobState.FAILED, "forced", "machine scrapped")
    assert (job.end_confirmed, job.current.log_complete) == (False, False)
    with pytest.raises(IllegalTransition):
        job.forced(now=NOON, why="again")
