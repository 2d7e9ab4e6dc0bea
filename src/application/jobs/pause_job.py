"""Pause a running job."""

from dataclasses import dataclass

from ...domain.jobs.errors import JobNotFound
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.steering import paused
from ..ports.jobs import Change
from ..ports.rings import Rings, about_job, about_runner
from ..ports.work import Begin, JobsWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseJobCommand:
    """The job to pause."""

    job_id: JobId


class PauseJob:
    """Has its processes stopped; what it may run stands still meanwhile."""

    def __init__(self, begin: Begin[JobsWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: PauseJobCommand) -> Job:
        """The job, paused; the host is told at its driver's next look, which this rings for."""
        with self._begin() as work:
            found = work.jobs.lock([command.job_id])
            if not found:
                raise JobNotFound(command.job_id)
            (job,) = found
            steered = paused(job)
            work.jobs.save_all([Change(job, steered)])
            work.commit()
        self._rings.ring({about_job(job.id), about_runner(job.current.runner_id)})
        return steered
