"""Get one job."""

from dataclasses import dataclass

from ...domain.jobs.ids import JobId
from ..ports.jobs import JobRecord
from ..ports.work import Begin, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class GetJobCommand:
    """The job to get."""

    job_id: JobId


class GetJob:
    """Reads a job as it is now."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, command: GetJobCommand) -> JobRecord:
        """The job, or `JobNotFound`."""
        with self._read() as reading:
            return reading.jobs.get(command.job_id)
