"""List the queues that somebody would want to know of."""

from dataclasses import dataclass

from ...domain.accounts.projects import DEFAULT_PROJECT
from ..ports.work import Begin, QueuesReading
from .queue_status import QueueStatus, statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQueuesCommand:
    """Those of these projects, of all if none are named; with `named`, that one in any case and no other."""

    named: str | None = None
    projects: frozenset[str] | None = None


class ListQueues:
    """Reads the queues in which something waits, and those that are paused."""

    def __init__(self, read: Begin[QueuesReading]) -> None:
        self._read = read

    def execute(self, command: ListQueuesCommand) -> list[QueueStatus]:
        """The queues, by project and name."""
        with self._read() as reading:
            if command.named is None:
                return statuses(reading, command.projects)
            projects = {DEFAULT_PROJECT} if command.projects is None else command.projects
            wanted = [(project, command.named) for project in projects]
            found = statuses(reading, projects, wanted)
            return [status for status in found if status.queue == command.named]
