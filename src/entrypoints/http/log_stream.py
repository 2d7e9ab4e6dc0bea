"""A job's output and states while they happen, as server-sent events."""

from collections.abc import AsyncGenerator
from functools import partial
from time import monotonic
from typing import Annotated, Final

from litestar import Controller, get
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response.base import ASGIResponse

from ...application.ports.rings import about_job, about_log
from ...domain.accounts.errors import Unauthenticated
from ...domain.jobs.errors import JobNotFound
from ...domain.jobs.ids import JobId
from .addresses import job_id_of
from .given import Everything, Threads
from .log_events import JobFollower, Point
from .logs import Number
from .provided import Provided
from .streaming import StreamedResponse, Wake
from .threads import StreamThreads

SWEEP_SECONDS: Final = 1.0
PING_SECONDS: Final = 15.0
_RETRY: Final = b"retry: 1000\n\n"
_PING: Final = b": ping\n\n"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

After = Annotated[str | None, QueryParameter(description="The id of the last event seen: go on behind it.")]
LastEventId = Annotated[
    str | None, HeaderParameter(name="Last-Event-ID", description="The same, as browsers say it; wins over `after`.")
]


class LogStreamController(Controller):
    """Output, live."""

    path = "/jobs/{job_id:str}/log/stream"
    tags = ("output",)

    @get(operation_id="followJob", summary="Follow a job", media_type="text/event-stream")
    async def follow(
        self,
        job_id: FromPath[str],
        provided: Everything,
        threads: Threads,
        after: After = None,
        attempt: Number = None,
        last_event_id: LastEventId = None,
    ) -> ASGIResponse:
        """Events `log`, `state` and, at last, `end`.

        `log` is output: {attempt, stream, offset, encoding: utf-8 or base64, data}; the data of one attempt,
        decoded and put together, is its log byte by byte. `state` is the job as lists show it (`JobSummaryView`), at
        first and whenever it changes. `end` is the same when nothing more will come. All attempts are told in order,
        or the one that is named.
        Each event's id is where to go on after a break.
        """
        job = job_id_of(job_id)
        point = _point(after, last_event_id)
        follower = await threads.run(partial(JobFollower, provided, job, only=attempt, after=point))
        source = _events(provided, threads, job, follower)
        return StreamedResponse(source, media_type="text/event-stream", headers=_HEADERS)


def _point(after: str | None, last_event_id: str | None) -> Point | None:
    if last_event_id:
        return Point.parsed(last_event_id, "Last-Event-ID")
    return Point.parsed(after, "after") if after is not None else None


async def _events(
    provided: Provided, threads: StreamThreads, job_id: JobId, follower: JobFollower
) -> AsyncGenerator[bytes]:
    rings = [partial(provided.rings.listen, topic) for topic in (about_job(job_id), about_log(job_id))]
    with Wake.of(*rings, provided.shutdown.listen) as wake:
        yield _RETRY
        spoken = monotonic()
        while not provided.shutdown.begun:
            wake.clear()
            try:
                look = await threads.run(follower.look)
            except (Unauthenticated, JobNotFound):
                return  # whoever follows may do so no more
            for event in look.events:
                yield event
            if look.done:
                return
            if look.events:
                spoken = monotonic()
            elif monotonic() - spoken >= PING_SECONDS:
                yield _PING
                spoken = monotonic()
            if not look.more and not provided.shutdown.begun:
                await wake.wait(SWEEP_SECONDS)
