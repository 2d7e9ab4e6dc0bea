"""Force-finish a job: an operator ends it in the books, whatever its host says or does not say."""

from dataclasses import dataclass

from ...domain.jobs.errors import JobNotFound
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ..ports.jobs import Change
from ..ports.rings import READY, Rings, about_job, about_runner
from ..ports.work import Begin, JobsWork
from .seated_jobs import SeatedJobs


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceFinishCommand:
    """The job, and why the operator gives it up."""

    job_id: JobId
    why: str


class ForceFinish:
    """Bookkeeping only: nobody saw the end. Its tree is told to end when its host is seen."""

    def __init__(self, begin: Begin[JobsWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: ForceFinishCommand) -> Job:
        """The job, failed as `forced`; refused unless an attempt of it lives."""
        with self._begin() as work:
            seated = SeatedJobs.lock(work, [command.job_id])
            if not seated.jobs:
                raise JobNotFound(command.job_id)
            (job,) = seated.jobs
            now = work.now()
            ended = job.forced(now=now, why=command.why)
            seated.save_all([Change(job, ended)], now=now)
            work.commit()
        self._rings.ring({about_job(job.id), about_runner(job.current.runner_id), READY} | seated.topics)
        return ended
