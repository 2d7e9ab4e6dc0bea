"""Resume a queue: its jobs are claimed again."""

from dataclasses import dataclass

from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.jobs.queues import QUEUE_NAME, QueueNotFound
from ..ports.rings import READY, Rings
from ..ports.work import Begin, QueuesWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeQueueCommand:
    """The queue of a project."""

    queue: str
    project: str = DEFAULT_PROJECT


class ResumeQueue:
    """Lifts a pause."""

    def __init__(self, begin: Begin[QueuesWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: ResumeQueueCommand) -> None:
        """Nothing; a queue that is not paused stays as it is."""
        if not QUEUE_NAME.fullmatch(command.queue):
            raise QueueNotFound(command.queue)
        with self._begin() as work:
            work.queues.resume(work.projects.get(command.project).name, command.queue)
            work.commit()
        self._rings.ring({READY})
