"""No sequence of moves, wanted or not, breaks a job."""

from datetime import datetime, timedelta
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from runyard.domain.errors import RunyardError
from runyard.domain.jobs.attempt import Attempt, Ending, Outcome, Progress
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import CRASH_LIMIT, Backoff, OnLost, RetryPolicy
from runyard.domain.jobs.states import FINAL_STATES, LIVE_STATES, JobState
from tests.builders import NOON, a_job_id, a_spec

from .lives import RUNNER

BOOTS = ("boot-1", "boot-2")
SOME_LOG = 10

outcomes = st.builds(
    Outcome,
    ending=st.sampled_from(sorted(set(Ending) - {Ending.RELEASED, Ending.FORCED, Ending.LOST})),
    exit_code=st.sampled_from([0, 1, None]),
    tree_empty=st.sampled_from([True, False, None]),
    log_size=st.sampled_from([0, SOME_LOG, None]),
)
stored = st.integers(0, SOME_LOG)


MOVES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "woken": {},
    "claimed_by": {"runner_id": st.just(RUNNER), "lease": st.sampled_from([None, 5.0, 500.0])},
    "armed": {"boot_id": st.sampled_from(BOOTS)},
    "started": {"containment": st.just("group")},
    "progressed": {"progress": st.just(Progress(percent=1)), "result": st.just("1")},
    "adopted": {},
    "renewed": {"lease": st.just(500.0)},
    "paused": {},
    "resumed": {},
    "cancelled": {},
    "released": {"void_boot_id": st.sampled_from([None, *BOOTS])},
    "ended": {"outcome": outcomes, "log_stored": stored},
    "settled": {"log_stored": stored, "give_up": st.booleans()},
    "lost": {"why": st.just("gone"), "tree_empty": st.sampled_from([True, None])},
    "unreachable": {},
    "forced": {"why": st.just("operator")},
}
ON_THE_WAY = {  # what usually happens to a job in this state, so that sequences get somewhere
    JobState.PENDING: ["woken"],
    JobState.QUEUED: ["claimed_by"],
    JobState.CLAIMED: ["armed", "armed", "started", "lost", "released", "adopted", "lost"],
    JobState.RUNNING: ["ended", "lost", "released", "paused", "progressed", "cancelled"],
    JobState.PAUSED: ["resumed", "ended", "lost"],
    JobState.FINISHING: ["settled", "ended", "lost", "cancelled"],
}


def moves(state):
    names = st.sampled_from(sorted(MOVES))
    if state in ON_THE_WAY:
        names = st.one_of(*[st.sampled_from(ON_THE_WAY[state])] * 5, names)
    return names.flatmap(lambda name: st.tuples(st.just(name), st.fixed_dictionaries(MOVES[name])))


TIMELESS = {"progressed", "adopted", "paused", "resumed", "unreachable", "renewed"}

specs = st.builds(
    a_spec,
    retry=st.builds(
        RetryPolicy, max_attempts=st.integers(1, 3), backoff=st.builds(Backoff, initial=st.sampled_from([0, 30]))
    ),
    on_lost=st.sampled_from(OnLost),
    total_timeout=st.sampled_from([None, 100.0]),
    queue_timeout=st.sampled_from([None, 20.0]),
    not_before=st.sampled_from([None, NOON + timedelta(seconds=15)]),
)


def moved(job: Job, name: str, arguments: dict[str, Any], now: datetime) -> Job:
    """The job after the move, or the job itself when the move is refused."""
    given = {key: value for key, value in arguments.items() if key != "lease"}
    if arguments.get("lease"):
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
    if before.live and not after.current.live and name in {"ended", "settled", "lost"}:
        outcome = after.current.outcome
        assert outcome
        if outcome.ending in {Ending.EXIT, Ending.SIGNAL}:
            size, known = outcome.log_size, arguments.get("log_stored", 0)
            assert after.current.log_complete == (size is None or known >= size)


@settings(max_examples=400)
@given(st.data(), specs, st.lists(st.sampled_from([0.0, 1.0, 12.0, 40.0]), min_size=25, max_size=30))
def test_no_sequence_of_moves_breaks_a_job(data, spec, waits):
    now, job = NOON, Job.submitted(a_job_id(), spec, now=NOON)
    holds_alone(job)
    for wait in waits:
        now += timedelta(seconds=wait)
        name, arguments = data.draw(moves(job.state))
        before, job = job, moved(job, name, arguments, now)
        holds_alone(job)
        holds_between(before, job, name)
        holds_of_the_log(before, job, name, arguments)
        if before.live and (not job.live or job.fence != before.fence):
            assert stale(job, before.ref, before.fence)


def stale(job: Job, ref: AttemptRef, fence: int) -> bool:
    try:
        job.expecting(ref, fence)
    except RunyardError:
        return True
    return False
