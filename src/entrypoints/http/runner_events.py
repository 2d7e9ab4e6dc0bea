"""What happened to a runner: list."""

from typing import Annotated, Any, Self

from litestar import Controller, Request, Response, get
from litestar.params import FromPath, QueryParameter
from pydantic import Field

from ...application.runners.list_runner_events import ListRunnerEventsCommand
from ...domain.runners.events import RunnerEvent, Said
from .addresses import link_to, number_after, number_cursor
from .given import Everything
from .runners import known_as
from .spec_views import Moment, View

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str | None, QueryParameter(description="The `next_cursor` of the page before.")]


class RunnerEventView(View):
    """Something that happened to a runner."""

    id: int = Field(description="Grows.")
    at: Moment
    kind: str = Field(description="`online`, `late`, `drained`, …; more may come.")
    by: str | None = Field(description="Who decided it, if somebody did; its own project is told.")
    details: dict[str, Said]

    @classmethod
    def of(cls, event: RunnerEvent) -> Self:
        """The event."""
        return cls(id=event.id, at=event.at, kind=event.kind.value, by=event.by, details=dict(event.details))


class RunnerEventsView(View):
    """Events, newest first."""

    items: list[RunnerEventView]
    next_cursor: str | None


class RunnerEventsController(Controller):
    """Events of a runner."""

    path = "/runners/{runner:str}/events"
    tags = ("runners",)

    @get(sync_to_thread=True, operation_id="listRunnerEvents", summary="List what happened to a runner")
    def list_of_events(
        self,
        request: Request[Any, Any, Any],
        runner: FromPath[str],
        provided: Everything,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response[RunnerEventsView]:
        """Newest first: registered, online, late, offline, closed and opened, drained, tokens exchanged and revoked."""
        after = number_after(cursor) if cursor is not None else None
        command = ListRunnerEventsCommand(runner=known_as(runner), after=after, limit=limit)
        page = provided.runners.list_runner_events.execute(command)
        following = number_cursor(page.next_after) if page.next_after is not None else None
        headers = link_to(request, following)
        items = [RunnerEventView.of(event) for event in page.items]
        return Response(RunnerEventsView(items=items, next_cursor=following), headers=headers)
