"""What is found when the memory store holds what no use case has put there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from runyard.adapters.memory.state import State
from runyard.adapters.memory.store import MemoryStore
from runyard.application.observability.check_invariants import CheckInvariants, CheckInvariantsCommand
from runyard.application.ports.submission_keys import Reservation
from runyard.domain.accounts.account import Account, AccountKind
from runyard.domain.accounts.ids import AccountId, TokenId
from runyard.domain.accounts.projects import Project
from runyard.domain.accounts.tokens import Token
from runyard.domain.audit.entry import Subject
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.concurrency import Concurrency
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import JobState
from runyard.domain.jobs.submission import SubmissionKey
from runyard.domain.limits.limits import Limits, ProjectLimits
from runyard.domain.observability.invariants import INVARIANTS, NEXT_IN_LINE, STRAYS
from runyard.domain.observability.tenants import APART, KEPT_TO_LIMITS
from runyard.domain.observability.trail import TOLD
from runyard.domain.runners.ids import RunnerId
from runyard.domain.runners.passes import PassKind, RunnerPass
from tests.builders import NOON
from tests.contracts.audit import an_entry
from tests.contracts.judging import DONE, everything

FAILED = Outcome(ending=Ending.EXIT, exit_code=1, log_size=0)


def change(which: Callable[[Job], object], **values: Any) -> Callable[[State], None]:
    """These jobs have other values."""

    def slip(state: State) -> None:
        for job in state.jobs.values():
            if which(job):
                state.jobs[job.id] = replace(job, **values)

    return slip


def retell(which: JobState, **values: Any) -> Callable[[State], None]:
    """The attempt of the job in this state has other values, and the job knows."""

    def slip(state: State) -> None:
        for ref, attempt in state.attempts.items():
            job = state.jobs[ref.job_id]
            if job.state is which:
                state.attempts[ref] = replace(attempt, **values)
                state.jobs[job.id] = replace(job, attempt=state.attempts[ref])

    return slip


def again(state: State) -> None:
    for ref, attempt in list(state.attempts.items()):
        if attempt.live:
            state.attempts[AttemptRef(ref.job_id, 2)] = replace(attempt, number=2)


def shortened(state: State) -> None:
    for ref, chunks in state.logs.items():
        state.logs[ref] = tuple(replace(chunk, offset=1) for chunk in chunks)


def limited(state: State, **limits: int) -> None:
    """A limit of the default project, older than all jobs there."""
    since = NOON - timedelta(hours=1)
    limit = ProjectLimits(project="default", limits=Limits(**limits), changed_at=since)
    state.project_limits["default", ""] = limit


def one_more_runs(state: State) -> None:
    limited(state, running=1)
    live = next(job for job in state.jobs.values() if job.live)
    state.jobs.update({job.id: replace(live, id=job.id) for job in list(state.jobs.values()) if job.in_line})


def of_project(name: str, which: Callable[[Job], object], **values: Any) -> Callable[[State], None]:
    """The specs of these jobs say another project, and have other values."""

    def slip(state: State) -> None:
        state.projects["other"] = Project(name="other", created_at=NOON)
        for job in state.jobs.values():
            if which(job):
                state.specs[job.id] = replace(state.specs[job.id], project=name, **values)

    return slip


def a_rerun_of_another_project(state: State) -> None:
    old = next(job.id for job in state.jobs.values() if job.finished)
    of_project("other", lambda job: job.id == old)(state)
    state.lanes.clear()
    of_project("default", lambda job: job.id != old, rerun_of=old)(state)


def a_child_of_another_project(state: State) -> None:
    parent = next(job.id for job in state.jobs.values() if job.finished)
    of_project("other", lambda job: job.id == parent)(state)
    state.lanes.clear()
    of_project("default", lambda job: job.id != parent, parent=parent)(state)


def submitted_elsewhere(state: State) -> None:
    key = SubmissionKey("k", "f", "other")
    state.keys[key.name] = Reservation(key, next(iter(state.jobs)), NOON)


def a_successor_of_somebody_else(state: State) -> None:
    for name in ("ada", "bob"):
        token = Token(
            id=TokenId(name), account_id=AccountId(name), hash="h", created_at=NOON, expires_at=NOON, life=timedelta(1)
        )
        state.tokens[token.id] = replace(token, replaced_by=TokenId("bob"))


def a_pass_of_another_runner(state: State) -> None:
    for name in ("old", "new"):
        one = RunnerPass(
            id=TokenId(name),
            runner_id=RunnerId(name),
            kind=PassKind.RUNNER,
            hash="h",
            created_at=NOON,
            expires_at=NOON,
            replaced_by=TokenId("new"),
        )
        state.passes[one.id] = one


def an_admin_nobody_made(state: State) -> None:
    ada = Account(id=AccountId("ada"), name="ada", kind=AccountKind.USER, created_at=NOON)
    state.accounts[ada.id] = replace(ada, instance_admin=True)
    state.audit[1] = an_entry(
        id=1, action="create_account", subject=Subject(kind="account", id="ada"), after={"instance_admin": False}
    )


SLIPS: dict[str, tuple[str, Callable[[State], None]]] = {
    "a spec was deleted": ("I1", lambda state: state.specs.clear()),
    "a lease lost its end": ("I9", retell(JobState.CLAIMED, lease=60, lease_until=None)),
    "a job had two live attempts": ("I2", again),
    "a fence was set back": ("I3", change(lambda job: job.attempt, fence=0)),
    "an outcome was rewritten": ("I4", retell(JobState.SUCCEEDED, outcome=FAILED)),
    "an end had no time": ("I5", change(lambda job: job.finished, finished_at=None)),
    "two jobs held one seat": ("I6", change(lambda job: job.concurrency, seat=0)),
    "a queued job had no seat": ("I6", change(lambda job: job.state is JobState.QUEUED, seat=None)),
    "a chunk moved": ("I8", shortened),
    "a log ended too soon": ("complete", retell(JobState.SUCCEEDED, outcome=replace(DONE, log_size=99))),
    "an attempt ended behind the job's back": ("live", retell(JobState.CLAIMED, outcome=DONE, ended_at=NOON)),
    "an attempt was lost": ("attempts", lambda state: state.attempts.clear()),
    "a start was never allowed": ("armed", retell(JobState.CLAIMED, started_at=NOON, armed_at=None, boot_id=None)),
    "nobody knew a lane": ("ready", lambda state: state.lanes.clear()),
    "a key was forgotten": ("key", lambda state: state.limits.clear()),
    "there were seats for those who wait": ("line", lambda state: state.limits.update(k=9)),
    "more waited than might": ("I11", lambda state: limited(state, queued=1)),
    "more ran than might": ("I11", one_more_runs),
    "a job was of no project": ("I12", of_project("none", lambda job: True)),
    "a job stood in a lane of another project": ("I12", of_project("other", lambda job: job.concurrency is None)),
    "a concurrency key was of another project": (
        "I12",
        change(lambda job: job.concurrency, concurrency=Concurrency(key="k", project="other")),
    ),
    "a submission was of another project": ("I12", submitted_elsewhere),
    "a rerun was of another project": ("I12", a_rerun_of_another_project),
    "a job was submitted by one of another project": ("I12", a_child_of_another_project),
    "a token was replaced by somebody else's": ("I12", a_successor_of_somebody_else),
    "a pass was exchanged for another runner's": ("I12", a_pass_of_another_runner),
    "an account may do what nobody told": ("trail", an_admin_nobody_made),
    "a runner was forgotten": ("strays", lambda state: state.runners.clear()),
}
FOLLOW_FROM_THE_JOBS = {"due", "hold", "waiter"}
"""Kept nowhere in this store, so they cannot be wrong."""


@pytest.mark.parametrize(("name", "slip"), SLIPS.values(), ids=SLIPS)
def test_it_is_found_that(name: str, slip: Callable[[State], None]) -> None:
    store = MemoryStore()
    everything(store)
    check = CheckInvariants(store.read)
    assert check.execute(CheckInvariantsCommand()).hits == ()

    slip(store._published)

    assert name in {hit.invariant for hit in check.execute(CheckInvariantsCommand()).hits}


def test_every_rule_that_can_be_broken_here_is() -> None:
    known = {rule.name for rule in INVARIANTS} | {STRAYS[0], NEXT_IN_LINE[0], KEPT_TO_LIMITS[0], APART[0], TOLD[0]}
    assert {name for name, _ in SLIPS.values()} == known - FOLLOW_FROM_THE_JOBS
