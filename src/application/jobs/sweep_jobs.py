"""Sweep jobs: look after the waiting ones whose moment has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ...domain.jobs.job import Job
from ..ports.control_tasks import HORIZON, ControlTasks
from ..ports.jobs import Change
from ..ports.rings import READY, Rings, about_job
from ..ports.work import Begin, JobsWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepJobsCommand:
    """Look at no more than so many in one transaction."""

    most: int = 500


class SweepJobs:
    """Queues what became eligible and expires what waited too long. Any number may sweep at once."""

    def __init__(self, begin: Begin[JobsWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: SweepJobsCommand) -> int:
        """How many jobs were due; as many as `most` means that more may be."""
        with self._begin() as work:
            due = work.jobs.lock_due(command.most)
            if not due:
                return 0
            now = work.now()
            work.jobs.save_all([Change(job, job.woken(now=now)) for job in due])
            work.commit()
        self._rings.ring({about_job(job.id) for job in due} | {READY})
        return len(due)


def sweep_when_due(control_tasks: ControlTasks, jobs: Iterable[Job], *, now: datetime) -> None:
    """Have the next of these jobs that comes due looked at in time, instead of at the tick after."""
    delays = [(job.due_at - now).total_seconds() for job in jobs if job.due_at is not None]
    if delays and min(delays) <= HORIZON:
        control_tasks.sweep(after=max(0.0, min(delays)))
