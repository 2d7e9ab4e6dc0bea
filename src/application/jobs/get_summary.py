"""Get the summary of one job."""

from dataclasses import dataclass

from ...domain.jobs.ids import JobId
from ..ports.jobs import JobSummary
from ..ports.work import Begin, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSummaryCommand:
    """The job whose summary to get."""

    job_id: JobId


class GetSummary:
    """Reads a job as it is now, without what may be large: for those who look again and again."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, command: GetSummaryCommand) -> JobSummary:
        """The summary, or `JobNotFound`."""
        with self._read() as reading:
            return reading.jobs.summary(command.job_id)
