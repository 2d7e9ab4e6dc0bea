"""F71: a cancel meets an end, a claim, another cancel. The row decides; each gets one answer, and it is true."""

import os
from collections.abc import Sequence
from typing import Any

from runyard.adapters.memory.clock import ManualClock
from runyard.application.jobs.create_jobs import CreateJobsCommand
from runyard.application.ports.executor import Started
from runyard.application.runners.register_runner import RegisterRunnerCommand
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import JobState
from runyard.domain.jobs.submission import Submission
from runyard.domain.runners.runner import RunnerKind
from tests.unit.application.yard import Yard, ended

from ..builders import a_spec
from .stores import Store, at_each_gate

RACES = int(os.environ.get("RUNYARD_RACES", "112"))
"""Of each of three kinds on each of three stores: 1,008."""


def a_yard(store: Store) -> Yard:
    """All use cases on the store, and a runner with a slot for every job."""
    yard = Yard(store, ManualClock())
    yard.register_runner.execute(RegisterRunnerCommand(name="here", kind=RunnerKind.LOCAL, slots=RACES * 2))
    return yard


def running(yard: Yard) -> list[Job]:
    """As many jobs as there are races, all of them started."""
    submissions = [Submission(spec=a_spec()) for _ in range(RACES)]
    yard.create_jobs.execute(CreateJobsCommand(submissions=submissions))
    jobs = [claim.job for claim in yard.assign(RACES)]
    yard.report(*(Started(job.ref, "group") for job in jobs), fence=1)
    return jobs


def as_it_is(yard: Yard, jobs: Sequence[Job]) -> list[Job]:
    return [yard.get(job.id) for job in jobs]


class CancelRacesContract:
    """What a store must decide when two want to end, or to start, the same job."""

    def test_f71_a_cancel_and_an_end_leave_one_end_and_true_answers(self, store: Store):
        yard = a_yard(store)
        jobs = running(yard)

        told = at_each_gate(
            RACES,
            lambda race: yard.cancel(jobs[race].id),
            lambda race: yard.report(ended(jobs[race]), fence=jobs[race].fence),
        )

        for (answer, [counted]), job in zip(told, as_it_is(yard, jobs), strict=True):
            assert counted.refused is None
            assert not job.current.live
            assert job.state is (JobState.CANCELLED if job.cancel_requested else JobState.SUCCEEDED)
            assert answer.cancel_requested_at == job.cancel_requested_at
            assert job.current.outcome is not None
            assert job.current.outcome.exit_code == 0

    def test_f71_a_cancel_and_a_claim_leave_a_flag_or_an_end_and_nothing_starts_after(self, store: Store):
        yard = a_yard(store)
        jobs: list[Job] = []

        told: list[tuple[Job, Any]] = at_each_gate(
            RACES,
            lambda race: yard.cancel(jobs[race].id),
            lambda _: yard.assign(1),
            first=lambda _: jobs.append(yard.submit()),
        )

        claimed = [bool(claims) for _, claims in told]
        now = as_it_is(yard, jobs)
        assert all(answer.cancel_requested for answer, _ in told)
        assert [job.state for job in now] == [JobState.CLAIMED if was else JobState.CANCELLED for was in claimed]
        assert yard.sweep() == 0
        assert yard.assign() == []
        yard.report(*(ended(job) for job in now if job.live), fence=1)
        assert {job.state for job in as_it_is(yard, jobs)} == {JobState.CANCELLED}

    def test_f71_several_cancels_are_one(self, store: Store):
        yard = a_yard(store)
        jobs = running(yard)

        told = at_each_gate(RACES, *[lambda race: yard.cancel(jobs[race].id)] * 3)

        for answers, job in zip(told, as_it_is(yard, jobs), strict=True):
            assert {answer.cancel_requested_at for answer in answers} == {job.cancel_requested_at}
            assert job.cancel_requested
            assert job.version == 3  # claimed, started, cancelled once
