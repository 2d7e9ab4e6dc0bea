"""No sequence of moves, wanted or not, breaks a job.

`RUNYARD_SEQUENCES` tries more of them; a seed that fails is one sequence, always the same.
"""

import os
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

from runyard.domain.errors import RunyardError
from runyard.domain.jobs.attempt import Attempt, Ending, Outcome, Progress
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import CRASH_LIMIT, Backoff, OnLost, Replacement, RetryPolicy
from runyard.domain.jobs.spec import JobSpec
from runyard.domain.jobs.states import FINAL_STATES, LIVE_STATES, JobState
from tests.builders import NOON, a_spec

from .lives import RUNNER

SEQUENCES = int(os.environ.get("RUNYARD_SEQUENCES", "2000"))
JOB = JobId("01900000-0000-7000-8000-000000000001")
BOOTS = ("boot-1", "boot-2")
SOME_LOG = 10
STORED = range(SOME_LOG + 1)
ENDINGS = sorted(set(Ending) - {Ending.RELEASED, Ending.FORCED, Ending.LOST})
WAITS = (0.0, 1.0, 12.0, 40.0)

MOVES: dict[str, dict[str, Any]] = {  # and what their arguments may be
    "woken": {},
    "claimed_by": {"runner_id": [RUNNER], "lease": [None, 5, 500]},
    "armed": {"boot_id": BOOTS},
    "started": {"containment": ["group"]},
    "progressed": {"progress": [Progress(percent=1)], "result": ["1"]},
    "adopted": {},
    "renewed": {"lease": [500.0]},
    "paused": {},
    "resumed": {},
    "cancelled": {},
    "released": {"void_boot_id": [None, *BOOTS]},
    "ended": {
        "outcome": [
            Outcome(ending=ending, exit_code=code, tree_empty=empty, log_size=size)
            for ending in ENDINGS
            for code in (0, 1, None)
            for empty in (True, False, None)
            for size in (0, SOME_LOG, None)
        ],
        "log_stored": STORED,
    },
    "settled": {"log_stored": STORED, "give_up": [True, False]},
    "lost": {"why": ["gone"], "tree_empty": [True, None]},
    "unreachable": {},
    "lapsed": {},
    "forced": {"why": ["operator"]},
}
ON_THE_WAY = {  # what usually happens to a job in this state, so that sequences get somewhere
    JobState.PENDING: ["woken"],
    JobState.QUEUED: ["claimed_by"],
    JobState.CLAIMED: ["armed", "armed", "started", "lost", "released", "adopted", "lapsed"],
    JobState.RUNNING: ["ended", "lost", "lapsed", "released", "paused", "progressed", "cancelled"],
    JobState.PAUSED: ["resumed", "ended", "lost"],
    JobState.FINISHING: ["settled", "ended", "lost", "cancelled"],
}


def move_of(job: Job, dice: Random) -> tuple[str, dict[str, Any]]:
    """Mostly one that fits the state."""
    likely = ON_THE_WAY.get(job.state, [])
    name = dice.choice(likely if likely and dice.random() < 5 / 6 else sorted(MOVES))
    return name, {argument: dice.choice(values) for argument, values in MOVES[name].items()}


TIMELESS = {"progressed", "adopted", "paused", "resumed", "unreachable", "renewed"}


def spec_of(dice: Random) -> JobSpec:
    return a_spec(
        retry=RetryPolicy(max_attempts=dice.randint(1, 3), backoff=Backoff(initial=dice.choice([0, 30]))),
        on_lost=dice.choice(list(OnLost)),
        replace=dice.choice(list(Replacement)),
        total_timeout=dice.choice([None, 100.0]),
        queue_timeout=dice.choice([None, 20.0]),
        not_before=dice.choice([None, NOON + timedelta(seconds=15)]),
    )


def moved(job: Job, name: str, arguments: dict[str, Any], now: datetime) -> Job:
    """The job after the move, or the job itself when the move is refused."""
    given = {key: value for key, value in arguments.items() if key != "lease"}
    if name == "claimed_by":
        given["lease"] = arguments["lease"]
    elif "lease" in arguments:
        given["lease_until"] = now + timedelta(seconds=arguments["lease"])
    if name not in TIMELESS:
        given["now"] = now
    try:
        return cast("Job", getattr(job, name)(**given))
    except RunyardError:
        return job


def holds_alone(job: Job) -> None:
    """What is true of every job, whatever happened to it."""
    attempt = job.attempt
    assert job.live == (attempt is not None and attempt.live) == (job.state in LIVE_STATES)
    assert job.finished == (job.state in FINAL_STATES) == (job.finished_at is not None)
    assert job.fence >= (attempt.number if attempt else 0)
    assert job.crashes < CRASH_LIMIT or job.finished
    assert job.failures + job.crashes <= (attempt.number if attempt else 0)
    assert job.failures <= job.retry.max_attempts
    assert (job.state is JobState.PENDING) <= (job.due_at is not None)
    if job.on_lost is OnLost.FAIL and job.crashes:
        assert job.finished
    if job.state is JobState.CANCELLED:
        assert job.cancel_requested
    if attempt:
        holds_of_the_attempt(job, attempt)


def holds_of_the_attempt(job: Job, attempt: Attempt) -> None:
    assert (attempt.armed_at is None) == (attempt.boot_id is None)
    assert attempt.armed or not attempt.started_at
    assert job.state not in {JobState.RUNNING, JobState.PAUSED, JobState.FINISHING} or attempt.armed
    assert (job.state is JobState.FINISHING) == (attempt.live and attempt.outcome is not None)
    assert attempt.live or attempt.outcome is not None
    if job.state is JobState.SUCCEEDED:
        assert attempt.outcome
        assert attempt.outcome.succeeded
        assert not job.cancel_requested


def holds_between(before: Job, after: Job, name: str) -> None:
    """What no move may do."""
    assert after.fence - before.fence == (name in {"claimed_by", "adopted"} and after is not before)
    assert not before.finished or after == before
    assert after.cancel_requested_at == (before.cancel_requested_at or after.cancel_requested_at)
    assert after.failures >= before.failures
    assert after.crashes >= before.crashes
    old, new = before.attempt, after.attempt
    if old is None or new is None or new.number != old.number:
        assert new is None or new.number == (old.number if old else 0) + 1
        assert old is None or not old.live
    elif not old.live:
        assert new == old
    else:
        assert not (new.armed and not old.armed and before.cancel_requested)
        assert old.outcome is None or new.outcome == old.outcome
        assert old.boot_id in {None, new.boot_id}


def holds_of_the_log(before: Job, after: Job, name: str, arguments: dict[str, Any]) -> None:
    """Only a log that is stored to its end is called complete."""
    if before.live and not after.current.live and name in {"ended", "settled", "lost", "lapsed"}:
        outcome = after.current.outcome
        assert outcome
        if outcome.ending in {Ending.EXIT, Ending.SIGNAL}:
            size, known = outcome.log_size, arguments.get("log_stored", 0)
            assert after.current.log_complete == (size is None or known >= size)


def test_no_sequence_of_moves_breaks_a_job():
    reached = set()
    for seed in range(SEQUENCES):
        told = list[str]()
        try:
            reached |= lived(Random(seed), told)  # noqa: S311 - a seed must give the same sequence again
        except AssertionError as broken:
            broken.add_note(f"seed {seed}: {', '.join(told)}")
            raise

    assert reached == set(JobState) - {JobState.DRAFT}


def lived(dice: Random, told: list[str]) -> set[JobState]:
    """The states of one life, which is `told` move by move."""
    now, job = NOON, Job.submitted(JOB, spec_of(dice), now=NOON)
    holds_alone(job)
    states = {job.state}
    for _ in range(dice.randint(25, 30)):
        now += timedelta(seconds=dice.choice(WAITS))
        name, arguments = move_of(job, dice)
        told.append(f"{name}({arguments}) at {now:%H:%M:%S}")
        before, job = job, moved(job, name, arguments, now)
        states.add(job.state)
        holds_alone(job)
        holds_between(before, job, name)
        holds_of_the_log(before, job, name, arguments)
        if before.live and (not job.live or job.fence != before.fence):
            assert stale(job, before.ref, before.fence)
    return states


def stale(job: Job, ref: AttemptRef, fence: int) -> bool:
    try:
        job.expecting(ref, fence)
    except RunyardError:
        return True
    return False
