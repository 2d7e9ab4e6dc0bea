"""Whoever was stopped for longer than its lease comes back to find that nothing it says counts."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from runyard.application.jobs.append_output import AppendOutputCommand, FencedChunk
from runyard.application.jobs.read_log import ReadLogCommand
from runyard.application.jobs.report_outcomes import Fact, FencedFact, ReportOutcomesCommand
from runyard.application.ports.executor import Broken, Ended, Reported, Started, Voided
from runyard.application.runners.renew_driver import RenewDriverCommand
from runyard.domain.jobs.attempt import Ending, Outcome, Progress
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.domain.runners.errors import DriverLost, RunnerDrivenElsewhere
from tests.builders import BOOT, a_job_id
from tests.proofs.defences import without
from tests.unit.application.yard import Yard, ended

STALE_WRITES = 10_000
AT_ONCE = 100


def adopted_meanwhile(yard: Yard) -> Job:
    """A running job as its first driver remembers it, while another has adopted it."""
    job = yard.assigned()
    yard.report(Started(job.ref, "group"), fence=job.fence)
    yard.clock.advance(46)
    yard.adopt("another")
    return job


def test_f6_a_driver_stopped_for_three_leases_is_refused_whatever_it_says(yard: Yard) -> None:
    epoch = yard.epoch
    job = adopted_meanwhile(yard)
    before = yard.get(job.id)

    reported = yard.report(Reported(job.ref, Progress(percent=99.0)), ended(job), fence=job.fence)
    appended = yard.append(yard.chunk(job, 0, b"late"), fence=job.fence)
    with pytest.raises(DriverLost):
        yard.renew_driver.execute(RenewDriverCommand(runner_id=yard.runner.id, epoch=epoch))

    assert [answer.refused.code for answer in reported if answer.refused] == ["stale-attempt"] * 2
    assert [answer.refused.code for answer in appended] == ["stale-attempt"]
    assert yard.get(job.id) == before
    assert before.fence == job.fence + 1
    yard.report(ended(job, 7), fence=before.fence)
    assert yard.get(job.id).current.outcome is not None


def test_f6_with_the_fence_not_compared_the_late_report_would_count(yard: Yard) -> None:
    """The defence off: the promise breaks."""
    job = adopted_meanwhile(yard)

    with without("the fence is compared"):
        yard.report(ended(job), fence=job.fence)

    assert yard.get(job.id).finished


def test_f6_a_driver_whose_lease_lasts_keeps_its_runner(yard: Yard) -> None:
    yard.clock.advance(14)

    with pytest.raises(RunnerDrivenElsewhere):
        yard.adopt("another")


@pytest.mark.machine
@pytest.mark.timeout(300)
def test_b22_of_ten_thousand_stale_writes_none_is_accepted(yard: Yard, url: str) -> None:
    live = forged_at(yard)
    before = looked(yard, live)

    accepted = sum(written(yard, forge) for forge in forgeries(live))

    assert accepted == 0
    assert looked(yard, live) == before


def test_b22_with_the_fence_not_compared_many_would_be_accepted(yard: Yard) -> None:
    """The defence off: the promise breaks."""
    live = forged_at(yard)

    with without("the fence is compared"):
        accepted = sum(written(yard, forge) for forge in forgeries(live, number=AT_ONCE * 2))

    assert accepted > 0


def forged_at(yard: Yard) -> list[Job]:
    """Two running jobs, adopted twice, in their second attempt, with a little output."""
    for _ in range(2):
        yard.submit()
    for item in yard.assign():
        yard.report(Broken(item.job.ref, "lost", tree_empty=True), fence=item.job.fence)
    jobs = [item.job for item in yard.assign()]
    for job in jobs:
        yard.report(Started(job.ref, "group"), fence=job.fence)
    for driver in ("driver", "driver"):
        yard.adopt(driver)
    for job in jobs:
        yard.append(yard.chunk(job, 0, b"kept"), fence=job.fence + 2)
    return [yard.get(job.id) for job in jobs]


def looked(yard: Yard, jobs: list[Job]) -> Any:
    return [(yard.get(job.id), yard.read_log.execute(ReadLogCommand(job_id=job.id)).slice) for job in jobs]


Forgery = tuple[str, AttemptRef, int]


def forgeries(live: list[Job], number: int = STALE_WRITES) -> list[list[Forgery]]:
    """Old fences, older attempts, numbers that never were, and jobs nobody knows; never what is current."""
    dice = random.Random(1)  # noqa: S311 - repeatable
    made: list[Forgery] = []
    while len(made) < number:
        job = dice.choice(live)
        ref = dice.choice([job.ref, job.ref, AttemptRef(job.id, 1), AttemptRef(job.id, 3), AttemptRef(_unknown(), 1)])
        fence = job.fence + dice.choice([-3, -2, -1, -1, 0, 1, 2])
        if (ref, fence) != (job.ref, job.fence):
            made.append((dice.choice(["output", "started", "end", "void", "broken", "said"]), ref, fence))
    return [made[at : at + AT_ONCE] for at in range(0, number, AT_ONCE)]


def written(yard: Yard, forged: list[Forgery]) -> int:
    """How many of them were accepted."""
    facts = [FencedFact(_fact(kind, ref), fence) for kind, ref, fence in forged if kind != "output"]
    chunks = [FencedChunk(_chunk(yard, ref), fence) for kind, ref, fence in forged if kind == "output"]
    reported = yard.report_outcomes.execute(ReportOutcomesCommand(facts=facts))
    appended = yard.append_output.execute(AppendOutputCommand(chunks=chunks))
    return sum(answer.refused is None for answer in reported) + sum(answer.refused is None for answer in appended)


def _fact(kind: str, ref: AttemptRef) -> Fact:
    made: dict[str, Callable[[], Fact]] = {
        "started": lambda: Started(ref, "group"),
        "end": lambda: Ended(ref, Outcome(ending=Ending.EXIT, exit_code=0, tree_empty=True, log_size=0)),
        "void": lambda: Voided(ref, BOOT),
        "broken": lambda: Broken(ref, "gone", tree_empty=True),
        "said": lambda: Reported(ref, Progress(percent=1.0)),
    }
    return made[kind]()


def _chunk(yard: Yard, ref: AttemptRef) -> LogChunk:
    return LogChunk(ref, 4, (LogRecord(Stream.STDOUT, yard.clock.now(), b"forged"),))


def _unknown() -> JobId:
    return a_job_id()
