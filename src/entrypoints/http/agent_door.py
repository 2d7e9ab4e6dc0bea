"""What runners of kind `agent` say and are told. Everything here is about the runner whose token came along."""

from typing import Any, Final

from litestar import Controller, Request, Response, post
from litestar.params import RawBody

from ...application.jobs.report_outcomes import ReportOutcomesCommand
from ...application.ports.rings import about_runner
from ...application.runners.adopt_runner import AdoptRunnerCommand
from ...application.runners.exchange_pass import ExchangePassCommand
from ...application.runners.release_driver import ReleaseDriverCommand
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.ids import DriverId
from ...domain.runners.protocol import SPOKEN, agreed
from .agent_auth import Self_
from .agent_bodies import ByeBody, RegisterBody, ReportsBody, SessionBody
from .agent_views import (
    AnswersView,
    AnswerView,
    RegisteredView,
    SessionView,
)
from .given import House
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
