"""Output from agents, attempt by attempt; and orders as scripts, for runners that are no more than a shell."""

import re
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final

from litestar import Controller, Request, Response, post
from litestar.params import FromPath, QueryParameter, RawBody

from ...application.jobs.append_output import AppendOutputCommand, FencedChunk
from ...application.runners.hear_agent import HearAgentCommand
from ...domain.jobs.errors import JobNotFound, LogGap
from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.log import LogChunk, LogRecord, Stream
from ..records import MEDIA_TYPE, decoded
from .addresses import job_id_of
from .agent_auth import Self_
from .agent_bodies import HostBody
from .agent_door import MOST_BODY_BYTES, agents_of
from .agent_script import as_script
from .agent_sync import hand_out, waited
from .agent_views import StoredView
from .given import House, Threads
from .problems import Refused
from .request_body import media_type

_LARGEST: Final = 1 << 53
_NAME: Final = re.compile(r"(?P<job>[0-9a-fA-F-]{36})\.(?P<number>[1-9]\d{0,6})\.(?P<fence>\d{1,15})", re.ASCII)
_A_SHELL: Final = HostBody(boot_id="unknown")
_PLAIN: Final = frozenset({"", "application/octet-stream", "text/plain"})

Offset = Annotated[int, QueryParameter(ge=0, le=_LARGEST, description="How much of the output came before.")]
Epoch = Annotated[int, QueryParameter(ge=0, le=_LARGEST, description="Of the session.")]
Wait = Annotated[float, QueryParameter(ge=0, le=60, description="Seconds to wait for work.")]


class AgentOutputController(Controller):
    """What attempts write, and plain ways to get one."""

    path = "/agent"
    tags = ("agents",)
    request_max_body_size = MOST_BODY_BYTES

    @post(
        "/attempts/{attempt:str}/log",
        sync_to_thread=True,
        status_code=200,
        operation_id="appendOutput",
        summary="Send output",
    )
    def append(
        self,
        request: Request[Any, Any, Any],
        attempt: FromPath[str],
        body: RawBody,
        house: House,
        runner: Self_,
        offset: Offset,
    ) -> StoredView:
        """Plain bytes, or records of our own type. The attempt is called JOB.NUMBER.FENCE, as `Runyard-Attempt` says.

        Sending the same again does no harm; 416 where something is missing before, with `Runyard-Stored`: go on there.
        """
        ref, fence = _called(attempt)
        chunk = LogChunk(ref, offset, _records(request, body))
        command = AppendOutputCommand(chunks=[FencedChunk(chunk, fence)], of=runner.runner_id)
        (answer,) = agents_of(house).bookkeeping.append.execute(command)
        if isinstance(answer.refused, LogGap):
            raise Refused(416, answer.refused.code, str(answer.refused), Runyard_Stored=str(answer.refused.stored))
        if answer.refused is not None:
            raise answer.refused
        return StoredView(stored=answer.stored)

    @post("/take", status_code=200, operation_id="takeScript", summary="Take one attempt, as a script")
    async def take(
        self,
        request: Request[Any, Any, Any],
        house: House,
        threads: Threads,
        runner: Self_,
        epoch: Epoch,
        wait: Wait = 0,
    ) -> Response[str]:
        """A script that becomes the process, or 204 if nothing came while it was waited for.

        `Runyard-Job`, `Runyard-Number` and `Runyard-Fence` say what it is, `Runyard-Attempt` all of it in one word;
        where there can be no script, `Runyard-Failed` says why.
        """
        agents = agents_of(house)
        command = HearAgentCommand(runner_id=runner.runner_id, pass_id=runner.pass_id, epoch=epoch)
        with agents.room.news(runner.runner_id) as news:
            own = await threads.run(partial(agents.hear.execute, command))
            heard = await waited(agents, own, wait, request, news) if wait else None
        if heard is not None:
            if heard.gone:
                return Response("", status_code=204)
            await threads.run(partial(agents.hear.execute, command))
        taken = await threads.run(partial(hand_out, agents, runner.runner_id, epoch, _A_SHELL, 1))
        if not taken:
            return Response("", status_code=204)
        (one,) = taken
        headers = {
            "Runyard-Job": one.ref.job_id,
            "Runyard-Number": str(one.ref.number),
            "Runyard-Fence": str(one.fence),
            "Runyard-Attempt": f"{one.ref.job_id}.{one.ref.number}.{one.fence}",
        }
        if one.order is None:
            headers["Runyard-Failed"] = one.why.encode("ascii", "replace").decode().replace("\n", " ")
        text = "" if one.order is None else as_script(one.order)
        return Response(text, status_code=200, media_type="text/x-shellscript", headers=headers)


def _called(attempt: str) -> tuple[AttemptRef, int]:
    """The attempt and the fence in its name, or `JobNotFound`."""
    found = _NAME.fullmatch(attempt)
    if found is None:
        raise JobNotFound(attempt)
    return AttemptRef(job_id_of(found["job"]), int(found["number"])), int(found["fence"])


def _records(request: Request[Any, Any, Any], body: bytes) -> tuple[LogRecord, ...]:
    kind = media_type(request)
    if kind == MEDIA_TYPE:
        try:
            return tuple(decoded(body))
        except ValueError as error:
            raise Refused(400, "unreadable-body", str(error)) from None
    if kind not in _PLAIN:
        raise Refused(415, "not-output", f"send output as `Content-Type: application/octet-stream` or `{MEDIA_TYPE}`")
    return (LogRecord(Stream.STDOUT, datetime.now(UTC), body),) if body else ()
