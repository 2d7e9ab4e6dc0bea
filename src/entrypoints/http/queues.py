"""Queues: list, pause, resume."""

from typing import Annotated, Any, Self

from litestar import Controller, Request, get, post
from litestar.params import FromPath, QueryParameter, RawBody
from pydantic import Field

from ...application.jobs.list_queues import ListQueuesCommand
from ...application.jobs.pause_queue import PauseQueueCommand
from ...application.jobs.queue_status import QueueStatus
from ...application.jobs.resume_queue import ResumeQueueCommand
from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.ends import End
from ...domain.jobs.queues import QUEUE_NAME, QueueNotFound
from .given import Everything
from .queue_bodies import QueuePauseBody
from .request_body import read_body
from .spec_views import Moment, View

Project = Annotated[str, QueryParameter(description="The project whose queue it is.")]
OfProject = Annotated[str | None, QueryParameter(name="project", description="Only queues of this project.")]


class QueueView(View):
    """A queue as it is now. Times are UTC."""

    name: str
    project: str
    paused: bool
    reason: str | None = Field(description="Why it is paused.")
    since: Moment | None = Field(description="Since when it is paused.")
    until: Moment | None = Field(description="When the pause ends by itself.")
    waiting: int = Field(description="How many jobs wait to be claimed; it counts up to 100,000.")
    oldest_at: Moment | None = Field(description="Since when the first of them could have been claimed.")

    @classmethod
    def of(cls, status: QueueStatus) -> Self:
        pause = status.pause
        return cls(
            name=status.queue,
            project=status.project,
            paused=pause is not None,
            reason=pause.reason if pause else None,
            since=pause.since if pause else None,
            until=pause.until if pause else None,
            waiting=status.waiting,
            oldest_at=status.oldest,
        )


class QueuesView(View):
    """The queues in which something waits and those that are paused, by name."""

    items: list[QueueView]


class QueuesController(Controller):
    """Queues."""

    path = "/queues"
    tags = ("queues",)

    @get(sync_to_thread=True, operation_id="listQueues", summary="List queues")
    def list_of_queues(self, provided: Everything, project: OfProject = None) -> QueuesView:
        """Those in which something waits, and those that are paused, by project and name."""
        only = None if project is None else frozenset({project})
        found = provided.list_queues.execute(ListQueuesCommand(projects=only))
        return QueuesView(items=[QueueView.of(status) for status in found])

    @post(
        "/{queue:str}/pause", sync_to_thread=True, status_code=200, operation_id="pauseQueue", summary="Pause a queue"
    )
    def pause(
        self,
        request: Request[Any, Any, Any],
        queue: FromPath[str],
        body: RawBody,
        provided: Everything,
        project: Project = DEFAULT_PROJECT,
    ) -> QueueView:
        """Its jobs wait; new ones are accepted, what runs goes on. Pausing again replaces reason and end."""
        asked = read_body(request, body, QueuePauseBody)
        end = End(until=asked.until, seconds=asked.seconds)
        command = PauseQueueCommand(project=project, queue=_named(queue), reason=asked.reason, end=end)
        provided.pause_queue.execute(command)
        return _shown(provided, project, queue)

    @post("/{queue:str}/resume", sync_to_thread=True, status_code=200, operation_id="resumeQueue", summary="Resume it")
    def resume(self, queue: FromPath[str], provided: Everything, project: Project = DEFAULT_PROJECT) -> QueueView:
        """Its jobs are claimed again. Resuming what is not paused changes nothing."""
        provided.resume_queue.execute(ResumeQueueCommand(project=project, queue=_named(queue)))
        return _shown(provided, project, queue)


def _shown(provided: Everything, project: str, queue: str) -> QueueView:
    (status,) = provided.list_queues.execute(ListQueuesCommand(projects=frozenset({project}), named=queue))
    return QueueView.of(status)


def _named(queue: str) -> str:
    if not QUEUE_NAME.fullmatch(queue):
        raise QueueNotFound(queue)
    return queue
