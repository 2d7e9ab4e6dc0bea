"""Calls that meet at the same job at the same moment."""

import os
from functools import partial
from typing import Any

from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import JobState
from tests.contracts.stores import at_once
from tests.unit.application.yard import Yard, ended

RACES = int(os.environ.get("RUNYARD_RACES", "100"))


def test_f71_a_cancel_that_meets_an_end_a_claim_or_another_cancel_has_one_winner(yard: Yard) -> None:
    outcomes = set()
    for race in range(RACES):
        job = yard.assigned() if race % 2 else yard.submit()
        meet = partial(_calls, yard, job, "end" if race % 2 else "claim")

        told, now = at_once(3, meet)[1], yard.get(job.id)

        if now.live:
            assert told.cancel_requested
            (counted,) = yard.report(ended(now), fence=now.fence)
            assert counted.refused is None
            now = yard.get(job.id)
        assert now.state is (JobState.CANCELLED if now.cancel_requested else JobState.SUCCEEDED)
        outcomes.add((race % 2, now.state))
        yard.clock.advance(1)

    assert (0, JobState.CANCELLED) in outcomes


def _calls(yard: Yard, job: Job, rival: str, number: int) -> Any:
    if number:
        return yard.cancel(job.id)
    return yard.report(ended(job), fence=job.fence) if rival == "end" else yard.assign(1)
