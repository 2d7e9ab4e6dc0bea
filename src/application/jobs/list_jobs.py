"""List jobs, newest first, a page at a time."""

from dataclasses import dataclass

from ...domain.jobs.ids import JobId
from ..ports.jobs import JobFilter, JobPage
from ..ports.work import Begin, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ListJobsCommand:
    """Which jobs, older than which, and how many."""

    which: JobFilter
    after: JobId | None = None
    limit: int = 50


class ListJobs:
    """Reads a page of jobs."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, command: ListJobsCommand) -> JobPage:
        """The page; jobs created meanwhile do not shift later pages."""
        with self._read() as reading:
            return reading.jobs.page(command.which, after=command.after, limit=command.limit)
