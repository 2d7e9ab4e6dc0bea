"""The queues that are paused."""

from typing import Protocol

from ...domain.jobs.queues import QueuePause


class QueueReading(Protocol):
    """Pauses as they are read."""

    def all(self) -> list[QueuePause]:
        """Every pause by project and name of its queue, those that are over included."""


class Queues(QueueReading, Protocol):
    """Pauses as use cases change them. Writes live and die with the unit of work."""

    def pause(self, pause: QueuePause) -> None:
        """Keep the pause of its queue, in place of the one there is."""

    def resume(self, project: str, queue: str) -> None:
        """The queue is not paused, whether it was or not."""
