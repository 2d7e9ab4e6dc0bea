"""List the queues that somebody would want to know of."""

from dataclasses import dataclass

from ..ports.work import Begin, QueuesReading
from .queue_status import QueueStatus, statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQueuesCommand:
    """All of them; with `named`, that one in any case and no other."""

    named: str | None = None


class ListQueues:
    """Reads the queues in which something waits, and those that are paused."""

    def __init__(self, read: Begin[QueuesReading]) -> None:
        self._read = read

    def execute(self, command: ListQueuesCommand) -> list[QueueStatus]:
        """The queues, by name."""
        with self._read() as reading:
            if command.named is None:
                return statuses(reading)
            return [status for status in statuses(reading, [command.named]) if status.queue == command.named]
