"""Why a job does not run."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from runyard.domain.jobs.explanation import Explanation, KeyLine, Surroundings, explained
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.lanes import Placement
from runyard.domain.jobs.limits import Replacement
from runyard.domain.jobs.states import JobState
from runyard.domain.runners.availability import AvailabilityAction
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.runner import Runner
from tests.builders import NOON, a_job, a_runner, a_spec, an_attempt

LATER = NOON + timedelta(minutes=5)
SECOND = timedelta(seconds=1)


def driven(**values: object) -> Runner:
    return a_runner(**{"name": "desk", **values}).taken_over(DriverId("d"), now=NOON)


def closed(action: AvailabilityAction) -> Runner:
    until = LATER if action is AvailabilityAction.PAUSE else None
    return driven().decided(action, now=NOON, until=until)


def of(
    job: Job, *runners: Runner, busy: int = 0, ahead: int = 0, now: datetime = NOON + SECOND, **placed: Any
) -> Explanation:
    lane = a_spec(placement=Placement(**placed)).lane
    return explained(job, Surroundings(lane, [(runner, busy) for runner in runners], ahead, now))


def test_a_job_that_would_be_taken_needs_no_change():
    found = of(a_job(), driven(), ahead=3)

    assert found.told == "3 jobs are before it in line; desk would take it"
    assert (found.ahead, found.change, found.obstacles) == (3, None, ())
    assert [verdict.fits for verdict in found.runners] == [True]


def test_a_runner_of_another_project_is_not_even_told_of_unless_it_is_shared():
    theirs = driven(project="other")

    assert of(a_job(), theirs).runners == ()
    assert [verdict.fits for verdict in of(a_job(), driven(project="other", shared_with=("default",))).runners] == [
        True
    ]


def test_a_runner_that_takes_jobs_of_others_only_says_whose():
    found = of(a_job(), driven(owners=("ada", "bob")))

    assert [obstacle.code for obstacle in found.runners[0].obstacles] == ["owner_not_taken"]
    assert found.change == "let desk take jobs of admin too"


def test_where_no_runner_is_known_one_has_to_be_started():
    found = of(a_job())

    assert found.told == "no runner is known that could take it"
    assert found.change == "start a runner for project default, or share one with it: none is known"


REFUSED = {
    "queue_not_taken": (driven(queues=("a", "b")), 0, "let desk take from queue default too"),
    "no_slots": (driven(slots=0), 0, "give desk a slot"),
    "slots_taken": (driven(slots=2), 2, "wait for a slot of desk, or give it more than 2"),
    "cordoned": (closed(AvailabilityAction.CORDON), 0, "uncordon desk"),
    "draining": (closed(AvailabilityAction.DRAIN), 0, "uncordon desk"),
    "paused": (closed(AvailabilityAction.PAUSE), 0, "wait until 2030-01-31T12:05:00Z, or uncordon desk"),
    "driver_away": (a_runner(name="desk"), 0, "start the process that drives desk"),
    "host_refuses": (
        driven().refusing("3 MiB are free", now=NOON),
        0,
        "mend that on the host of desk, which then takes work again",
    ),
}


@pytest.mark.parametrize(("code", "case"), REFUSED.items(), ids=REFUSED)
def test_a_runner_tells_why_it_does_not_take_the_job(code: str, case: tuple[Runner, int, str]):
    runner, busy, change = case

    found = of(a_job(), runner, busy=busy)

    [verdict] = found.runners
    assert [obstacle.code for obstacle in verdict.obstacles] == [code]
    assert found.change == change
    assert found.told == "no runner can take it now"


def test_what_a_host_says_of_itself_is_told_since_it_began():
    full = driven().refusing("3 MiB are free", now=NOON).refusing("2 MiB are free", now=LATER)

    (obstacle,) = of(a_job(), full).runners[0].obstacles
    assert obstacle.told == "its host takes nothing since 2030-01-31T12:00:00Z: 2 MiB are free"
    assert of(a_job(), full.refusing(None, now=LATER)).runners[0].fits


def test_a_pause_tells_when_it_ends_and_is_forgotten_then():
    paused = closed(AvailabilityAction.PAUSE)
    assert of(a_job(), paused).runners[0].obstacles[0].until == LATER

    over = paused.taken_over(DriverId("d"), now=LATER)
    assert of(a_job(), over, now=LATER).runners[0].fits


def test_the_smallest_change_is_that_of_the_runner_that_takes_least():
    away, full, other = a_runner(name="away"), driven(name="full", slots=0), driven(name="other", queues=("x",))

    assert of(a_job(), away, full, other).change == "give full a slot"


def test_all_that_is_in_the_way_of_the_easiest_runner_has_to_change():
    found = of(a_job(), driven(slots=0, queues=("x",)))

    assert found.change == "let desk take from queue default too; then give desk a slot"


def test_a_runner_the_job_does_not_want_tells_what_is_missing():
    labelled = driven(labels={"gpu": "1", "os": "debian"})

    assert of(a_job(), labelled, labels={"gpu": "1"}, runner="desk").runners[0].fits
    wrong = of(a_job(), labelled, labels={"gpu": "2", "ram": "64"}, runner="rack")
    assert [(each.code, each.told) for each in wrong.runners[0].obstacles] == [
        ("placed_elsewhere", "the job is to run on rack only"),
        ("labels_missing", "it lacks gpu=2, ram=64"),
    ]
    assert wrong.change == "submit it without the wish for rack; then give desk the labels gpu=2, ram=64"


@pytest.mark.parametrize("reason", ["scheduled", "backing_off"])
def test_a_job_that_waits_for_its_time_says_until_when(reason: str):
    job = replace(a_job(a_spec(not_before=LATER)), reason=reason)

    found = of(job, driven())

    [obstacle] = found.obstacles
    assert (obstacle.code, obstacle.until) == (reason, LATER)
    assert "2030-01-31T12:05:00Z" in found.told
    assert found.change == "wait until 2030-01-31T12:05:00Z"
    assert found.ahead is None


def test_a_job_whose_time_has_come_is_put_in_line_within_a_second():
    job = a_job(a_spec(not_before=LATER))

    found = of(job, driven(), now=LATER)

    assert [obstacle.code for obstacle in found.obstacles] == ["due"]


def test_a_reason_this_page_does_not_know_is_told_as_it_is():
    job = replace(a_job(state=JobState.PENDING), reason="quota_used_up", eligible_at=NOON)

    assert [(each.code, each.told) for each in of(job, driven()).obstacles] == [
        ("quota_used_up", "it waits: quota used up")
    ]


def test_a_job_in_line_for_its_key_names_the_holder_and_its_place():
    job = replace(a_job(state=JobState.PENDING), reason="key_busy")
    around = Surroundings(a_spec().lane, [(driven(), 0)], 0, NOON, key_line=KeyLine("provider", 2, (JobId("x"),)))

    [obstacle] = explained(job, around).obstacles

    assert obstacle.code == "key_busy"
    assert obstacle.told == "it is number 2 in line for a seat of key provider, held by x"
    assert obstacle.change == "wait for the end of x, or raise the limit of key provider"


def test_a_job_that_runs_or_has_ended_is_told_as_such():
    runner = driven()
    running = a_job(state=JobState.RUNNING, attempt=an_attempt(runner_id=runner.id))
    stray = a_job(state=JobState.CLAIMED)

    assert of(running, runner).told == "it is running on desk"
    assert of(replace(running, cancel_requested_at=NOON), runner).told == "it is running on desk, and was asked to end"
    assert of(stray, runner).told == "it was given to a runner that was removed"
    assert of(a_job(state=JobState.FAILED), runner).told.startswith("it has failed")
    assert of(running, runner).runners == ()


def test_long_lines_are_told_as_long():
    assert of(a_job(), driven(), ahead=1).told.startswith("1 job is before it")
    assert of(a_job(), driven(), ahead=0).told.startswith("nothing is before it")
    assert of(a_job(), driven(), ahead=10_000).told.startswith("10000 or more jobs are before it")


def test_a_job_out_of_reach_says_what_would_set_it_free():
    desk = driven()
    job = a_job(a_spec(replace=Replacement.AFTER_CONFIRMED_END)).claimed_by(desk.id, now=NOON, lease=300)
    away = job.armed("boot", now=NOON).started(now=NOON).lapsed(now=LATER + SECOND)
    found = of(away, desk, now=LATER + SECOND)

    assert found.told == (
        "it is running on desk; its lease ended at 2030-01-31T12:05:00Z, and it wants no other attempt before the end "
        "of this one was seen"
    )
    assert [obstacle.code for obstacle in found.obstacles] == ["unreachable"]
    assert found.change == "bring desk back, or force-finish the job if that host is gone for good"
