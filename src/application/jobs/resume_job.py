"""Resume a paused job."""

from dataclasses import dataclass

from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.steering import resumed
from ..ports.rings import Rings
from ..ports.work import Begin, JobsWork
from .changing import changed


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeJobCommand:
    """The job to resume."""

    job_id: JobId


class ResumeJob:
    """Lets its processes go on."""

    def __init__(self, begin: Begin[JobsWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: ResumeJobCommand) -> Job:
        """The job, running; the host is told at its driver's next look, which this rings for."""
        return changed(self._begin, self._rings, command.job_id, resumed)
