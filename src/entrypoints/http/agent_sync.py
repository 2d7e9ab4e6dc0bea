"""The call in which agents wait, renew, take and look: the one that a thousand of them say again and again."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from litestar import Controller, Request, post
from litestar.params import RawBody

from ...application.jobs.assign_jobs import AssignJobsCommand
from ...application.jobs.follow_attempts import FollowAttemptsCommand
from ...application.jobs.hand_out_jobs import HandedOut
from ...application.jobs.renew_attempts import RenewAttemptsCommand
from ...application.ports.executor import Hello
from ...application.runners.hear_agent import AgentHeard, HearAgentCommand
from ...domain.errors import FieldProblem
from ...domain.jobs.ids import AttemptRef
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.ids import RunnerId
from ...domain.runners.passes import PassRefused
from ...domain.runners.runner import Runner
from .agent_auth import Self_, asked_again
from .agent_bodies import HostBody, SyncBody
from .agent_door import MOST_BODY_BYTES, agents_of
from .agent_views import HandedOutView, LiveView, OwnRunnerView, RefView, SyncView
from .given import House, Threads
from .provided_agent import ProvidedAgent
from .request_body import read_body
from .streaming import Listen
from .waiting_room import Heard

_AT_ONCE: Final = Heard()
_LARGE: Final = 64 << 10
"""Reading what is larger would hold up everybody else."""


class AgentSyncController(Controller):
    """Behind a door that lets past whom it remembers: what comes first here looks at the pass."""

    path = "/agent"
    tags = ("agents",)
    request_max_body_size = MOST_BODY_BYTES

    @post("/sync", status_code=200, operation_id="sync", summary="Wait, renew, take and look, in one")
    async def sync(
        self, request: Request[Any, Any, Any], body: RawBody, house: House, threads: Threads, runner: Self_
    ) -> SyncView:
        """The wait comes first. What is handed out is this runner's from then on, whether the answer arrives or not:
        what was lost on the way is among `attempts` the next time, and is reported as `voided` if it was never started.
        """
        agents, read = agents_of(house), partial(read_body, request, body, SyncBody, InvalidRunner)
        asked = read() if len(body) < _LARGE else await threads.run(read)
        room = asked.room.room if asked.room else None
        command = HearAgentCommand(runner_id=runner.runner_id, pass_id=runner.pass_id, epoch=asked.epoch, room=room)
        with agents.room.news(runner.runner_id) as news:
            try:
                own = await threads.run(partial(agents.hear.execute, command))
            except PassRefused:
                await asked_again(request)
                raise
            heard = await waited(agents, own, asked.wait, request, news) if asked.wait else _AT_ONCE
        if heard.gone or not asked.asks_the_books:
            return _told(own.runner, heard)
        if asked.wait:  # its token may have ended while it waited, or somebody else drives the runner now
            own = await threads.run(partial(agents.hear.execute, command))
        return await threads.run(partial(_synced, agents, own.runner, asked, heard))


async def waited(
    agents: ProvidedAgent, own: AgentHeard, seconds: float, request: Request[Any, Any, Any], news: Listen
) -> Heard:
    """What it heard while it was let wait; not longer than until it hangs up. Before anything is handed out it is to be
    heard again.
    """
    return await agents.room.wait(own.runner, own.free, own.within(seconds), _hung_up(request), news)


async def _hung_up(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def hand_out(
    agents: ProvidedAgent, runner_id: RunnerId, epoch: int, host: HostBody | None, most: int
) -> list[HandedOut]:
    """What is this runner's from now on; `InvalidRunner` without the boot that is to start it."""
    if host is None:
        raise InvalidRunner([FieldProblem("/host", "must tell the boot of the machine that starts what is taken")])
    hello = Hello(nonce="", boot_id=host.boot_id, stamp=0.0, containment=host.containment)
    claiming = agents.memories.of(runner_id)
    command = AssignJobsCommand(runner_id=runner_id, epoch=epoch, hello=hello, most=most, claiming=claiming)
    taken = agents.bookkeeping.hand_out.execute(command)
    agents.room.came(runner_id)
    return taken


def _synced(agents: ProvidedAgent, own: Runner, asked: SyncBody, heard: Heard) -> SyncView:
    """In this order: what is renewed or taken is among what lives."""
    books = agents.bookkeeping
    renewals = [each.renewal for each in asked.alive]
    renewed = books.renew.execute(RenewAttemptsCommand(renewals=renewals, of=own.id)) if renewals else []
    taken = hand_out(agents, own.id, asked.epoch, asked.host, asked.take) if asked.take else []
    live = None
    if asked.known is not None:
        known = {each.ref: each.fence for each in asked.known}
        followed = books.follow.execute(FollowAttemptsCommand(runner_id=own.id, epoch=asked.epoch, known=known))
        live = [LiveView.of(each) for each in followed.live.values()]
    return _told(own, heard, attempts=live, taken=taken, renewed=renewed)


def _told(
    own: Runner,
    heard: Heard,
    *,
    attempts: list[LiveView] | None = None,
    taken: Sequence[HandedOut] = (),
    renewed: Sequence[AttemptRef] = (),
) -> SyncView:
    return SyncView(
        ready=heard.ready,
        asked=heard.asked,
        runner=OwnRunnerView.of(own),
        attempts=attempts,
        taken=[HandedOutView.of(each) for each in taken],
        renewed=[RefView.at(ref) for ref in renewed],
    )
