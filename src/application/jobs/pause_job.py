"""Pause a running job."""

from dataclasses import dataclass

from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.steering import paused
from ..ports.rings import Rings
from ..ports.work import Begin, JobsWork
from .changing import changed


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
        return changed(self._begin, self._rings, command.job_id, paused)
