"""Cancel a job that has not finished."""

from dataclasses import dataclass

from ...domain.jobs.errors import JobNotFound
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ..ports.jobs import Change
from ..ports.rings import Rings, about_job, about_runner
from ..ports.work import Begin, JobsWork
from .seated_jobs import SeatedJobs


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelJobCommand:
    """The job to cancel."""

    job_id: JobId


class CancelJob:
    """When this returns, no further attempt of the job will be armed."""

    def __init__(self, begin: Begin[JobsWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: CancelJobCommand) -> Job:
        """The job: cancelled if it waited, flagged if it may run, unchanged if it had finished."""
        with self._begin() as work:
            seated = SeatedJobs.lock(work, [command.job_id])
            if not seated.jobs:
                raise JobNotFound(command.job_id)
            (job,) = seated.jobs
            now = work.now()
            cancelled = job.cancelled(now=now)
            seated.save_all([Change(job, cancelled)], now=now)
            work.commit()
        topics = {about_job(job.id)} | seated.topics
        if cancelled.live:
            topics.add(about_runner(cancelled.current.runner_id))
        self._rings.ring(topics)
        return cancelled
