"""How long a host goes on alone, and what becomes of its jobs after that."""

from dataclasses import replace
from datetime import timedelta

import pytest

from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.errors import StaleAttempt
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.leases import KINDS, KindOfLease, LeaseTerms, LeaseWatch
from runyard.domain.jobs.limits import OnLost, Replacement
from runyard.domain.jobs.states import JobState
from runyard.domain.runners.runner import RunnerKind
from tests.builders import BOOT, NOON

from .lives import RUNNER, SECOND, exited, queued

USUAL = LeaseTerms()
LATER = NOON + timedelta(seconds=201)
"""After the lease of the jobs below."""


def leased(**spec: object) -> Job:
    return queued(**spec).claimed_by(RUNNER, now=NOON, lease=200)


def running(**spec: object) -> Job:
    return leased(**spec).armed(BOOT, now=NOON).started(now=NOON)


# --- how long ---


@pytest.mark.parametrize(("kind", "lease"), [("local", None), ("ssh", 600), ("agent", 120)])
def test_each_kind_of_runner_has_its_usual_lease(kind: str, lease: int | None) -> None:
    assert USUAL.lease(kind, lost_after=None, grace=10) == lease


def test_every_kind_of_runner_there_is_has_a_row() -> None:
    assert set(RunnerKind) <= KINDS.keys()


def test_the_setting_counts_for_every_kind_and_the_job_before_it() -> None:
    terms = LeaseTerms(setting=900.0)

    assert {terms.lease(kind, lost_after=None, grace=10) for kind in KINDS} == {900}
    assert {terms.lease(kind, lost_after=700.5, grace=10) for kind in KINDS} == {701}


@pytest.mark.parametrize(
    ("kind", "grace", "least"),
    [("agent", 10, 76), ("ssh", 10, 126), ("local", 10, 126), ("agent", 0, 66), ("agent", 300, 96), ("ssh", 30, 146)],
)
def test_no_lease_is_shorter_than_grace_margin_and_tolerance(kind: str, grace: float, least: int) -> None:
    assert USUAL.lease(kind, lost_after=1.0, grace=grace) == least
    assert LeaseTerms(setting=0.1).lease(kind, lost_after=None, grace=grace) == least


def test_a_driver_that_may_be_silent_for_longer_makes_every_lease_longer() -> None:
    assert LeaseTerms(driver_lease=115.0).lease("ssh", lost_after=1.0, grace=10) == 226
    assert LeaseTerms(driver_lease=3.0).lease("ssh", lost_after=1.0, grace=10) == 126


def test_a_host_ends_the_tree_a_margin_before_the_lease_that_grows_with_it() -> None:
    deadman = USUAL.deadman(126, grace=10)
    assert deadman.kill_after == pytest.approx(126 - 5 - 0.252)
    assert deadman.kill_after - deadman.term_after == pytest.approx(10)

    long = USUAL.deadman(43200, grace=3600)
    assert long.kill_after == pytest.approx(43200 - 5 - 86.4)
    assert long.kill_after - long.term_after == pytest.approx(30)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("grace", [0, 10, 30, 3600])
def test_what_is_left_before_the_term_is_the_tolerance_and_longer_than_a_start_is_valid(
    kind: str, grace: float
) -> None:
    lease = USUAL.lease(kind, lost_after=0.001, grace=grace)
    assert lease is not None

    assert USUAL.deadman(lease, grace=grace).term_after >= KINDS[kind].tolerance > 30


def test_tests_may_be_less_patient() -> None:
    terms = LeaseTerms(kinds={"local": KindOfLease(None, 1.0)}, margin=1.0)

    assert terms.lease("local", lost_after=0.5, grace=0.5) == 3


# --- what becomes of a job ---


def test_a_lease_that_lasts_changes_nothing() -> None:
    job = running()

    assert job.lapsed(now=NOON + timedelta(seconds=200)) is job
    assert queued().lapsed(now=LATER).state is JobState.QUEUED


def test_an_attempt_without_a_lease_never_lapses() -> None:
    job = queued().claimed_by(RUNNER, now=NOON).armed(BOOT, now=NOON)

    assert job.lapsed(now=NOON + timedelta(days=365)) is job


def test_an_attempt_whose_lease_has_ended_is_lost_and_says_why() -> None:
    lost = running().lapsed(now=LATER)

    assert (lost.state, lost.reason, lost.crashes) == (JobState.QUEUED, "lost", 1)
    assert lost.message == "its host was out of reach for longer than its lease of 200 seconds"
    assert lost.current.outcome
    assert (lost.current.outcome.ending, lost.current.outcome.tree_empty) == (Ending.LOST, None)


def test_armed_and_never_seen_counts_as_a_start() -> None:
    once = leased(on_lost=OnLost.FAIL).armed(BOOT, now=NOON).lapsed(now=LATER)

    assert (once.state, once.reason, once.crashes) == (JobState.FAILED, "lost", 1)


def test_what_was_never_armed_is_given_back_free_of_charge() -> None:
    job = leased(on_lost=OnLost.FAIL, replace=Replacement.AFTER_CONFIRMED_END).lapsed(now=LATER)

    assert (job.state, job.crashes) == (JobState.QUEUED, 0)


def test_a_cancel_is_the_end_of_what_is_lost() -> None:
    job = running().cancelled(now=NOON).lapsed(now=LATER)

    assert (job.state, job.end_confirmed) == (JobState.CANCELLED, None)


@pytest.mark.parametrize("replacement", Replacement)
def test_a_recorded_exit_is_never_run_again_only_its_log_stays_incomplete(replacement: Replacement) -> None:
    job = running(replace=replacement).ended(exited(0, log_size=10), log_stored=4, now=NOON).lapsed(now=LATER)

    assert (job.state, job.current.log_complete, job.crashes) == (JobState.SUCCEEDED, False, 0)


def test_what_waits_for_a_confirmed_end_stays_live_and_says_that_it_is_unreachable() -> None:
    job = running(replace=Replacement.AFTER_CONFIRMED_END).lapsed(now=LATER)

    assert (job.state, job.reason, job.current.live) == (JobState.RUNNING, "unreachable", True)
    assert job.message
    assert job.lapsed(now=LATER) is job


def test_an_unreachable_attempt_that_is_heard_of_goes_on() -> None:
    job = running(replace=Replacement.AFTER_CONFIRMED_END).lapsed(now=LATER)

    heard = job.renewed(LATER + SECOND)
    assert (heard.state, heard.reason, heard.message) == (JobState.RUNNING, None, None)
    assert job.ended(exited(0), log_stored=0, now=LATER).state is JobState.SUCCEEDED
    assert job.forced(now=LATER, why="scrapped").reason == "forced"
    assert job.lost(now=LATER, why="its host says so").reason == "lost"


def test_a_dead_mans_kill_is_told_as_such() -> None:
    killed = replace(exited(0), ending=Ending.DEADMAN, exit_code=None, signal=15)
    job = running().ended(killed, log_stored=0, now=NOON)

    assert job.current.outcome
    assert (job.current.outcome.ending, job.current.outcome.tree_empty) == (Ending.DEADMAN, True)


def test_a_lease_is_not_renewed_again_within_moments_unless_the_clock_went_back() -> None:
    attempt = running().current
    assert attempt.renewable(NOON + timedelta(seconds=3)) is None
    assert attempt.renewable(NOON + timedelta(seconds=4)) == NOON + timedelta(seconds=204)
    assert attempt.renewable(NOON - timedelta(hours=1)) == NOON + timedelta(seconds=200) - timedelta(hours=1)
    assert queued().claimed_by(RUNNER, now=NOON).current.renewable(LATER) is None


def test_an_attempt_whose_lease_has_ended_is_renewed_if_nobody_noticed() -> None:
    assert running().current.renewable(LATER) == LATER + timedelta(seconds=200)


def test_nothing_is_armed_after_its_lease() -> None:
    with pytest.raises(StaleAttempt):
        leased().armed(BOOT, now=LATER)


# --- when nothing is called lost ---


def watch(last: LeaseWatch | None, seconds: float) -> LeaseWatch:
    return LeaseWatch.after(last, USUAL, now=NOON + timedelta(seconds=seconds))


def held(of: LeaseWatch) -> float:
    return (of.hold_until - NOON).total_seconds()


def test_the_first_sweep_of_all_holds() -> None:
    assert held(watch(None, 0)) == 60


@pytest.mark.parametrize(("gap", "until"), [(1, 60), (15, 60), (15.1, 75.1), (3600, 3660)])
def test_a_sweep_after_a_gap_holds_for_a_minute(gap: float, until: float) -> None:
    assert held(watch(watch(None, 0), gap)) == until


def test_a_hold_is_over_when_its_time_is_and_is_never_cut_short() -> None:
    first = watch(None, 0)
    assert first.holds(NOON + timedelta(seconds=59.9))
    assert not first.holds(NOON + timedelta(seconds=60))
    assert held(first.held_for(10, now=NOON)) == 60
    assert held(watch(first.held_for(500, now=NOON), 3)) == 500


def test_a_clock_that_went_back_holds_for_a_minute_and_not_until_it_has_caught_up() -> None:
    ahead = watch(watch(None, 0), 1_000_000)

    assert held(watch(ahead, 100)) == 160
    assert watch(watch(None, 10), 9).hold_until == watch(None, 10).hold_until
