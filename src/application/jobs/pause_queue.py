"""Pause a queue: its jobs wait, until a moment or until somebody resumes it."""

from dataclasses import dataclass

from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.ends import NEVER, End
from ...domain.jobs.queues import QueuePause
from ..ports.work import Begin, QueuesWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseQueueCommand:
    """The queue of a project, why, and when it ends by itself."""

    queue: str
    reason: str | None = None
    end: End = NEVER
    project: str = DEFAULT_PROJECT


class PauseQueue:
    """When this returns, nothing more is claimed from the queue; jobs are accepted, and what runs goes on."""

    def __init__(self, begin: Begin[QueuesWork]) -> None:
        self._begin = begin

    def execute(self, command: PauseQueueCommand) -> QueuePause:
        """The pause; pausing again replaces its reason and its end."""
        with self._begin() as work:
            now = work.now()
            pause = QueuePause(
                project=work.projects.get(command.project).name,
                queue=command.queue,
                since=now,
                until=command.end.at(now),
                reason=command.reason,
            )
            work.queues.pause(pause)
            work.commit()
        return pause
