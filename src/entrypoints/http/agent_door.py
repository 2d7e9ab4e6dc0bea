"""What runners of kind `agent` say and are told. Everything here is about the runner whose token came along."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from litestar import Controller, Request, Response, post
from litestar.params import RawBody

from ...application.jobs.assign_jobs import AssignJobsCommand
from ...application.jobs.follow_attempts import FollowAttemptsCommand
from ...application.jobs.hand_out_jobs import HandedOut
from ...application.jobs.renew_attempts import RenewAttemptsCommand
from ...application.jobs.report_outcomes import ReportOutcomesCommand
from ...application.ports.executor import Hello
from ...application.ports.rings import about_runner
from ...application.runners.adopt_runner import AdoptRunnerCommand
from ...application.runners.exchange_pass import ExchangePassCommand
from ...application.runners.hear_agent import AgentHeard, HearAgentCommand
from ...application.runners.release_driver import ReleaseDriverCommand
from ...domain.errors import FieldProblem
from ...domain.jobs.ids import AttemptRef
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.ids import DriverId, RunnerId
from ...domain.runners.protocol import SPOKEN, agreed
from ...domain.runners.runner import Runner
from .agent_auth import Self_
from .agent_bodies import ByeBody, HostBody, RegisterBody, ReportsBody, SessionBody, SyncBody
from .agent_views import (
    AnswersView,
    AnswerView,
    HandedOutView,
    LiveView,
    OwnRunnerView,
    RefView,
    RegisteredView,
    SessionView,
    SyncView,
)
from .given import House, Threads
from .provided_agent import ProvidedAgent
from .request_body import read_body
from .waiting_room import Heard

MOST_BODY_BYTES: Final = 4 << 20
_AT_ONCE: Final = Heard()


class RegisterController(Controller):
    """The way in: its token is one to register with."""

    path = "/agent/register"
    tags = ("agents",)

    @post(sync_to_thread=True, status_code=201, operation_id="registerAgent", summary="Register a machine")
    def register(self, request: Request[Any, Any, Any], body: RawBody, house: House, runner: Self_) -> RegisteredView:
        """With a registration token: the token to come with from now on. An answer that was lost is asked for again."""
        asked = read_body(request, body, RegisterBody, InvalidRunner)
        protocol = agreed(SPOKEN, asked.protocol.spoken)
        command = ExchangePassCommand(by=runner, facts=asked.told)
        return RegisteredView.of(agents_of(house).register.execute(command), protocol)


class AgentController(Controller):
    """Agents at work."""

    path = "/agent"
    tags = ("agents",)
    request_max_body_size = MOST_BODY_BYTES

    @post("/rotate", sync_to_thread=True, status_code=201, operation_id="rotateAgent", summary="Exchange the token")
    def rotate(self, house: House, runner: Self_) -> RegisteredView:
        """The next token. This one stays good until that is first used, so an answer that was lost does no harm."""
        return RegisteredView.of(agents_of(house).rotate.execute(ExchangePassCommand(by=runner)), SPOKEN.newest)

    @post("/session", sync_to_thread=True, status_code=200, operation_id="openSession", summary="Begin to run attempts")
    def session(self, request: Request[Any, Any, Any], body: RawBody, house: House, runner: Self_) -> SessionView:
        """What runs there goes on under it; 409 while another process runs this runner's attempts."""
        asked = read_body(request, body, SessionBody, InvalidRunner)
        protocol = agreed(SPOKEN, asked.protocol.spoken)
        command = AdoptRunnerCommand(
            runner_id=runner.runner_id, driver_id=DriverId(asked.driver), facts=asked.told, by=runner
        )
        return SessionView.of(agents_of(house).adopt.execute(command), protocol)

    @post("/sync", status_code=200, operation_id="sync", summary="Wait, renew, take and look, in one")
    async def sync(
        self, request: Request[Any, Any, Any], body: RawBody, house: House, threads: Threads, runner: Self_
    ) -> SyncView:
        """The wait comes first. What is handed out is this runner's from then on, whether the answer arrives or not:
        what was lost on the way is among `attempts` the next time, and is reported as `voided` if it was never started.
        """
        asked, agents = read_body(request, body, SyncBody, InvalidRunner), agents_of(house)
        room = asked.room.room if asked.room else None
        command = HearAgentCommand(runner_id=runner.runner_id, epoch=asked.epoch, room=room)
        own = await threads.run(partial(agents.hear.execute, command))
        heard = await waited(agents, own, asked.wait, request) if asked.wait else _AT_ONCE
        if heard.gone or not asked.asks_the_books:
            return _told(own.runner, heard)
        return await threads.run(partial(_synced, agents, own.runner, asked, heard))

    @post(
        "/reports",
        sync_to_thread=True,
        status_code=200,
        operation_id="report",
        summary="Report what became of them",
    )
    def report(self, request: Request[Any, Any, Any], body: RawBody, house: House, runner: Self_) -> AnswersView:
        """An answer for each; what is answered as `over` is durable, and may be forgotten."""
        asked, agents = read_body(request, body, ReportsBody, InvalidRunner), agents_of(house)
        command = ReportOutcomesCommand(facts=[each.fact for each in asked.reports], of=runner.runner_id)
        answers = agents.bookkeeping.report.execute(command)
        if any(answer.over for answer in answers):  # it has a slot more than whoever waits for it was told
            house.rings.ring({about_runner(runner.runner_id)})
        return AnswersView(items=[AnswerView.of(answer) for answer in answers])

    @post("/bye", sync_to_thread=True, status_code=204, operation_id="closeSession", summary="End the session")
    def bye(self, request: Request[Any, Any, Any], body: RawBody, house: House, runner: Self_) -> Response[None]:
        """The runner is offline at once. What runs there goes on as long as its lease lasts."""
        asked = read_body(request, body, ByeBody, InvalidRunner)
        agents_of(house).release.execute(ReleaseDriverCommand(runner_id=runner.runner_id, epoch=asked.epoch))
        return Response(None, status_code=204)


def agents_of(house: House) -> ProvidedAgent:
    """What runners are served with."""
    assert house.agents is not None  # noqa: S101 - only the copy for accounts has none
    return house.agents


async def waited(agents: ProvidedAgent, own: AgentHeard, seconds: float, request: Request[Any, Any, Any]) -> Heard:
    """What it heard while it was let wait; not longer than until it hangs up."""
    return await agents.room.wait(own.runner, own.free, own.within(seconds), _hung_up(request))


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
