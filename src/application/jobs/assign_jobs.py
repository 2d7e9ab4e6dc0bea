"""Assign jobs: claim for a runner what it has slots for."""

from dataclasses import dataclass
from datetime import datetime

from ...domain.jobs.job import Job
from ...domain.jobs.spec import JobSpec
from ...domain.runners.ids import RunnerId
from ..ports.executor import Hello
from ..ports.jobs import Change, LaneShare
from ..ports.work import Begin, RunnersWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignJobsCommand:
    """Claim at most `most` jobs for the runner, as the driver of this epoch.

    `hello` must have been received before the call: it is what allows arming in the same transaction.
    """

    runner_id: RunnerId
    epoch: int
    hello: Hello
    most: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """A claimed and armed job with what to run, and how many seconds it may still take in all."""

    job: Job
    spec: JobSpec
    seconds_left: float | None


class AssignJobs:
    """Claims queued jobs, each for exactly one runner, in order of rank."""

    def __init__(self, begin: Begin[RunnersWork]) -> None:
        self._begin = begin

    def execute(self, command: AssignJobsCommand) -> list[Assignment]:
        """What was assigned; empty when nothing waits, no slot is free or the runner is closed. `DriverLost` after a
        takeover.
        """
        with self._begin() as work:
            runner = work.runners.lock(command.runner_id).driven_under(command.epoch)
            if not runner.takes_work(work.now()):
                return []
            free = runner.slots - work.reading.count_live_on(runner.id)
            wanted = min(free, command.most)
            if wanted <= 0:
                return []
            lanes = [queue for queue in work.reading.lanes() if runner.takes_from(queue)]
            taken = work.jobs.take([LaneShare(queue, wanted) for queue in lanes], wanted)
            if not taken:
                return []
            now = work.now()
            awake = [job.woken(now=now) for job in taken]
            armed = [
                job if job.finished else job.claimed_by(runner.id, now=now).armed(command.hello.boot_id, now=now)
                for job in awake
            ]
            work.jobs.save_all([Change(before, after) for before, after in zip(taken, armed, strict=True)])
            specs = work.reading.specs([job.id for job in armed])
            work.commit()
        return [Assignment(job, specs[job.id], _seconds_left(job, now)) for job in armed if job.live]


def _seconds_left(job: Job, now: datetime) -> float | None:
    end_by = job.deadlines.end_by
    return None if end_by is None else (end_by - now).total_seconds()
