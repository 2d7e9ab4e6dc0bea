"""The facade of the library over the queues of this process."""

from datetime import datetime
from typing import Any

from ...application.jobs.list_queues import ListQueuesCommand
from ...application.jobs.pause_queue import PauseQueueCommand
from ...application.jobs.queue_status import QueueStatus
from ...application.jobs.resume_queue import ResumeQueueCommand
from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.ends import End
from ..client.queues import Queue
from ..http.queues import QueueView
from .refusals import told


class EmbeddedQueues:
    """The queues of an embedded yard. `use_cases` is the container that has them."""

    def __init__(self, use_cases: Any) -> None:
        self._use_cases = use_cases

    def list(self, *, project: str | None = None) -> tuple[Queue, ...]:
        """Those in which something waits, and those that are paused, by project and name."""
        command = ListQueuesCommand(projects=None if project is None else frozenset({project}))
        with told():
            return tuple(map(_shown, self._use_cases.list_queues().execute(command)))

    def pause(
        self,
        queue: str,
        *,
        project: str = DEFAULT_PROJECT,
        reason: str | None = None,
        seconds: float | None = None,
        until: datetime | None = None,
    ) -> Queue:
        """Its jobs wait: until then, for so many seconds, or until it is resumed."""
        with told():
            end = End(until=until, seconds=seconds)
            command = PauseQueueCommand(project=project, queue=queue, reason=reason, end=end)
            self._use_cases.pause_queue().execute(command)
            return self._one(project, queue)

    def resume(self, queue: str, *, project: str = DEFAULT_PROJECT) -> Queue:
        """Its jobs are claimed again."""
        with told():
            self._use_cases.resume_queue().execute(ResumeQueueCommand(project=project, queue=queue))
            return self._one(project, queue)

    def _one(self, project: str, queue: str) -> Queue:
        asked = ListQueuesCommand(projects=frozenset({project}), named=queue)
        (status,) = self._use_cases.list_queues().execute(asked)
        return _shown(status)


def _shown(status: QueueStatus) -> Queue:
    return Queue.of(QueueView.of(status).model_dump(mode="json"))
