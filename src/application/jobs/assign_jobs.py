"""Assign jobs: claim for a runner what it has slots for."""

from dataclasses import dataclass, field
from datetime import datetime

from ...domain.jobs.job import Job
from ...domain.jobs.queues import held_back
from ...domain.jobs.spec import JobSpec
from ...domain.runners.ids import RunnerId
from ..ports.executor import Hello
from ..ports.jobs import Change
from ..ports.work import Begin, RunnersWork
from .claiming import Claiming


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignJobsCommand:
    """Claim at most `most` jobs for the runner, as the driver of this epoch.

    `hello` must have been received before the call: it is what allows arming in the same transaction. `claiming` is
    what the claimer remembers; it is brought up to date.
    """

    runner_id: RunnerId
    epoch: int
    hello: Hello
    most: int
    claiming: Claiming = field(default_factory=Claiming)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A claimed and armed job with what to run, and how many seconds it may still take in all."""

    job: Job
    spec: JobSpec
    seconds_left: float | None


class AssignJobs:
    """Claims queued jobs, each for exactly one runner: owners by what they have been given, their jobs by rank."""

    def __init__(self, begin: Begin[RunnersWork]) -> None:
        self._begin = begin

    def execute(self, command: AssignJobsCommand) -> list[Assignment]:
        """What was assigned; empty when nothing waits, no slot is free or the runner is closed. `DriverLost` after a
        takeover.
        """
        claiming = command.claiming
        with self._begin() as work:
            runner, begun = work.runners.lock(command.runner_id).driven_under(command.epoch), work.now()
            wanted = min(runner.slots - work.reading.count_live_on(runner.id), command.most)
            if wanted <= 0 or not runner.takes_work(begun):
                return []
            if not claiming.knows_lanes(begun):
                claiming.lanes = work.reading.lanes()
            order = claiming.order(runner, held_back(work.queues.all(), begun))
            taken = work.jobs.take(claiming.shares(order, wanted, begun), wanted)
            now = work.now()
            claiming.walked(order, taken, wanted=wanted, begun=begun, now=now)
            if not taken:
                return []
            armed = [_armed(job, runner.id, command.hello, now) for job in taken]
            work.jobs.save_all([Change(before, after) for before, after in zip(taken, armed, strict=True)])
            specs = work.reading.specs([job.id for job in armed])
            work.commit()
        claiming.started(order, taken, wanted=wanted)
        return [Assignment(job, specs[job.id], _seconds_left(job, now)) for job in armed if job.live]


def _armed(job: Job, runner_id: RunnerId, hello: Hello, now: datetime) -> Job:
    """Claimed and armed, unless its time is over."""
    awake = job.woken(now=now)
    if not awake.finished:
        return awake.claimed_by(runner_id, now=now).armed(hello.boot_id, now=now)
    return job if job.concurrency else awake  # a key is locked before its jobs, so the sweep ends this one


def _seconds_left(job: Job, now: datetime) -> float | None:
    end_by = job.deadlines.end_by
    return None if end_by is None else (end_by - now).total_seconds()
