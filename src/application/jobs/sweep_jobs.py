"""Sweep jobs: look after the waiting ones whose moment has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ...domain.jobs.job import Job
from ..ports.control_tasks import HORIZON, ControlTasks
from ..ports.jobs import Change
from ..ports.rings import READY, Rings, about_job
from ..ports.work import Begin, JobsWork
from .seated_jobs import SeatedJobs


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepJobsCommand:
    """Look at no more than so many in one transaction."""

    most: int = 500


class SweepJobs:
    """Queues what became eligible and expires what waited too long. Any number may sweep at once.

    Jobs with a concurrency key come in a transaction of their own, in which their keys are locked first; there who
    waits for a free seat is let in, if ever nobody else did.
    """

    def __init__(self, begin: Begin[JobsWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: SweepJobsCommand) -> int:
        """How many jobs were due; as many as `most` means that more may be."""
        return self._sweep(command.most) + self._sweep_keys(command.most)

    def _sweep(self, most: int) -> int:
        with self._begin() as work:
            due = work.jobs.lock_due(most)
            if not due:
                return 0
            now = work.now()
            work.jobs.save_all([Change(job, job.woken(now=now)) for job in due])
            work.commit()
        self._rings.ring({about_job(job.id) for job in due} | {READY})
        return len(due)

    def _sweep_keys(self, most: int) -> int:
        with self._begin() as work:
            restless = work.seats.restless(most)
            if not restless:
                return 0
            seated = SeatedJobs.lock_to_admit(work, restless)
            now = work.now()
            seated.save_all([Change(job, job.woken(now=now)) for job in seated.jobs], now=now)
            work.commit()
        self._rings.ring({about_job(job_id) for job_id in restless} | seated.topics)
        return len(restless)


def sweep_when_due(control_tasks: ControlTasks, jobs: Iterable[Job], *, now: datetime) -> None:
    """Have the next of these jobs that comes due looked at in time, instead of at the tick after."""
    delays = [(job.due_at - now).total_seconds() for job in jobs if job.due_at is not None]
    if delays and min(delays) <= HORIZON:
        control_tasks.sweep(after=max(0.0, min(delays)))
