from datetime import timedelta

import pytest

from runyard.domain.jobs.attempt import Ending, Progress
from runyard.domain.jobs.errors import StaleAttempt
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.limits import OnLost
from runyard.domain.jobs.states import IllegalTransition, JobState
from tests.builders import BOOT, NOON, a_job

from .lives import RUNNER, SECOND, armed, claimed, exited, finishing, queued, running

HOUR = timedelta(hours=1)


def test_arming_allows_the_start_under_one_boot():
    job = claimed().armed(BOOT, now=NOON + SECOND)

    assert job.state is JobState.CLAIMED
    assert (job.current.armed_at, job.current.boot_id) == (NOON + SECOND, BOOT)


def test_an_attempt_is_armed_once():
    with pytest.raises(StaleAttempt):
        armed().armed(BOOT, now=NOON)


def test_nothing_is_armed_after_a_cancel():
    with pytest.raises(StaleAttempt):
        claimed().cancelled(now=NOON).armed(BOOT, now=NOON)


def test_an_attempt_whose_lease_has_ended_is_not_armed():
    job = queued().claimed_by(RUNNER, now=NOON, lease=1)

    assert job.armed(BOOT, now=NOON + SECOND).current.armed
    with pytest.raises(StaleAttempt):
        job.armed(BOOT, now=NOON + 2 * SECOND)


def test_a_released_attempt_is_not_armed():
    with pytest.raises((StaleAttempt, IllegalTransition)):
        claimed().released(now=NOON).armed(BOOT, now=NOON)


def test_a_start_is_reported_once():
    job = armed().started(now=NOON + SECOND, containment="freezer")

    assert job.state is JobState.RUNNING
    assert (job.current.started_at, job.current.containment) == (NOON + SECOND, "freezer")
    with pytest.raises(IllegalTransition):
        job.started(now=NOON)


@pytest.mark.parametrize(
    "report",
    [
        lambda job: job.started(now=NOON),
        lambda job: job.ended(exited(0), log_stored=0, now=NOON),
        lambda job: job.progressed(result="1"),
    ],
    ids=["started", "ended", "progressed"],
)
@pytest.mark.parametrize("job", [claimed(), claimed().released(now=NOON)], ids=["unarmed", "given back"])
def test_no_host_can_speak_of_an_attempt_that_was_never_armed(report, job):
    with pytest.raises((StaleAttempt, IllegalTransition)):
        report(job)


def test_progress_keeps_what_was_said_before():
    job = running().progressed(progress=Progress(percent=40)).progressed(result='{"n": 1}')

    assert job.current.progress == Progress(percent=40)
    assert job.current.result == '{"n": 1}'
    assert job.progressed(result="2").current.result == "2"


def test_an_ended_attempt_makes_no_progress():
    job = running().ended(exited(0), log_stored=0, now=NOON)

    with pytest.raises(StaleAttempt):
        job.progressed(result="1")


def test_a_pause_is_undone_by_a_resume():
    paused = running().paused()

    assert paused.state is JobState.PAUSED
    assert paused.resumed().state is JobState.RUNNING
    with pytest.raises(IllegalTransition):
        paused.paused()


@pytest.mark.parametrize("job", [claimed(), armed(), running(), finishing()])
def test_adoption_changes_the_fence_and_nothing_else(job):
    adopted = job.adopted()

    assert adopted.fence == job.fence + 1
    assert (adopted.state, adopted.attempt) == (job.state, job.attempt)


def test_only_a_report_under_the_current_fence_counts():
    job = running()
    ref = job.ref

    assert job.expecting(ref, 1) is job
    for stale_ref, stale_fence in [(ref, 0), (ref, 2), (AttemptRef(job.id, 2), 1), (AttemptRef(job.id, 0), 1)]:
        with pytest.raises(StaleAttempt):
            job.expecting(stale_ref, stale_fence)
    with pytest.raises(StaleAttempt, match="changed hands"):
        job.adopted().expecting(ref, 1)


def test_no_report_counts_once_the_attempt_has_ended():
    for job in [queued(), claimed().released(now=NOON), running().lost(now=NOON, why="gone"), a_job(state="failed")]:
        with pytest.raises(StaleAttempt):
            job.expecting(AttemptRef(job.id, 1), job.fence)


def test_a_renewal_moves_the_lease_and_ends_an_unreachable_spell():
    job = queued().claimed_by(RUNNER, now=NOON, lease=1).unreachable("gone")
    assert (job.state, job.reason, job.message) == (JobState.CLAIMED, "unreachable", "gone")

    heard = job.renewed(NOON + HOUR)
    assert (heard.current.lease_until, heard.reason, heard.message) == (NOON + HOUR, None, None)


def test_an_unarmed_attempt_is_given_back_free_of_charge():
    job = claimed().released(now=NOON + SECOND)

    assert (job.state, job.crashes, job.failures) == (JobState.QUEUED, 0, 0)
    assert job.current.ended_at == NOON + SECOND
    assert job.current.outcome
    assert job.current.outcome.ending is Ending.RELEASED


def test_losing_an_unarmed_attempt_is_free_of_charge_too():
    job = claimed(on_lost=OnLost.FAIL).lost(now=NOON, why="gone")

    assert (job.state, job.crashes) == (JobState.QUEUED, 0)


def test_an_armed_attempt_is_given_back_only_by_a_void():
    with pytest.raises(StaleAttempt):
        armed().released(now=NOON)

    voided = armed().released(now=NOON, void_boot_id=BOOT)
    assert (voided.state, voided.crashes) == (JobState.QUEUED, 0)


def test_a_void_from_another_boot_is_a_loss():
    job = armed().released(now=NOON, void_boot_id="another boot")
    assert (job.state, job.crashes, job.reason) == (JobState.QUEUED, 1, "lost")

    once = armed(on_lost=OnLost.FAIL).released(now=NOON, void_boot_id="another boot")
    assert (once.state, once.reason) == (JobState.FAILED, "lost")


@pytest.mark.parametrize("job", [running(), running().paused()])
def test_a_void_of_what_was_seen_to_run_is_a_loss(job):
    lost = job.released(now=NOON, void_boot_id=BOOT)

    assert (lost.state, lost.crashes) == (JobState.QUEUED, 1)


def test_a_void_of_a_recorded_exit_leaves_the_exit_as_it_is():
    job = finishing(exit_code=0).released(now=NOON, void_boot_id=BOOT)

    assert (job.state, job.current.log_complete) == (JobState.SUCCEEDED, False)


def test_a_void_confirms_a_cancel():
    job = armed().cancelled(now=NOON).released(now=NOON + SECOND, void_boot_id=BOOT)

    assert (job.state, job.reason, job.end_confirmed) == (JobState.CANCELLED, "cancelled", True)
    assert job.finished_at == NOON + SECOND
