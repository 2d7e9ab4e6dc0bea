"""Runners: add, list, look, check, edit, close and open, remove."""

import re
from typing import Annotated, Any, Final

from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.params import FromPath, HeaderParameter, RawBody

from ...application.runners.check_runner import CheckRunnerCommand
from ...application.runners.cordon_runner import CordonRunnerCommand
from ...application.runners.drain_runner import DrainRunnerCommand
from ...application.runners.edit_runner import EditRunnerCommand
from ...application.runners.get_runner import GetRunnerCommand
from ...application.runners.list_runners import ListRunnersCommand
from ...application.runners.pause_runner import PauseRunnerCommand
from ...application.runners.remove_runner import RemoveRunnerCommand
from ...application.runners.show_host_key import ShowHostKeyCommand
from ...application.runners.status import RunnerStatus
from ...application.runners.uncordon_runner import UncordonRunnerCommand
from ...domain.runners.errors import InvalidRunner, RunnerEditedMeanwhile, RunnerNotFound
from ...domain.runners.settings import RUNNER_NAME
from .given import Everything
from .problems import Refused, wrong_parameter
from .request_body import read_body
from .runner_bodies import AddRunnerBody, CordonBody, DrainBody, HostKeyBody, PauseBody, RunnerEditBody
from .runner_views import HostKeyView, RunnersView, RunnerView

_ETAG: Final = re.compile(r'"(\d{1,18})"', re.ASCII)

IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description="Edit only what this `ETag` was given out for.")
]


class RunnersController(Controller):
    """Runners."""

    path = "/runners"
    tags = ("runners",)

    @get(sync_to_thread=True, operation_id="listRunners", summary="List runners")
    def list_of_runners(self, provided: Everything) -> RunnersView:
        """All runners, by name."""
        found = provided.runners.list_runners.execute(ListRunnersCommand())
        return RunnersView(items=[RunnerView.of(status) for status in found])

    @post(sync_to_thread=True, status_code=201, operation_id="addRunner", summary="Add a host reached by ssh")
    def add(self, request: Request[Any, Any, Any], body: RawBody, provided: Everything) -> Response[RunnerView]:
        """The host is looked over first, from here, which takes some seconds; 409 if it cannot be a runner."""
        asked = read_body(request, body, AddRunnerBody, InvalidRunner)
        return _shown(provided.runners.add_runner.execute(asked.command()), status=201)

    @post("/host-key", sync_to_thread=True, status_code=200, operation_id="showHostKey", summary="Ask for a host's key")
    def host_key(self, request: Request[Any, Any, Any], body: RawBody, provided: Everything) -> HostKeyView:
        """The key a host shows to us, for somebody who knows the host to compare and pin."""
        asked = read_body(request, body, HostKeyBody, InvalidRunner)
        command = ShowHostKeyCommand(host=asked.host, port=asked.port)
        return HostKeyView.of(provided.runners.show_host_key.execute(command))

    @get("/{runner:str}", sync_to_thread=True, operation_id="getRunner", summary="Look at a runner")
    def runner(self, runner: FromPath[str], provided: Everything) -> Response[RunnerView]:
        """The runner of this id or name, as it is now."""
        return _shown(provided.runners.get_runner.execute(GetRunnerCommand(runner=known_as(runner))))

    @patch("/{runner:str}", sync_to_thread=True, operation_id="editRunner", summary="Edit a runner")
    def edit(
        self,
        request: Request[Any, Any, Any],
        runner: FromPath[str],
        body: RawBody,
        provided: Everything,
        if_match: IfMatch = None,
    ) -> Response[RunnerView]:
        """Edits outlive restarts. With `If-Match`, 412 if somebody else edited it since."""
        asked = read_body(request, body, RunnerEditBody, InvalidRunner)
        command = EditRunnerCommand(
            runner=known_as(runner),
            revision=_revision(if_match),
            slots=asked.slots,
            queues=None if asked.queues is None else tuple(asked.queues),
            labels=asked.labels,
            shared_with=None if asked.shared_with is None else tuple(asked.shared_with),
            owners=None if asked.owners is None else tuple(asked.owners),
            target=asked.target,
            secret=asked.secret,
        )
        try:
            return _shown(provided.runners.edit_runner.execute(command))
        except RunnerEditedMeanwhile as error:
            raise Refused(412, error.code, str(error)) from None

    @post(
        "/{runner:str}/check", sync_to_thread=True, status_code=200, operation_id="checkRunner", summary="Check a host"
    )
    def check(self, runner: FromPath[str], provided: Everything) -> Response[RunnerView]:
        """Look the host of a runner of kind `ssh` over, beside whoever drives it; see `checked` in the answer."""
        return _shown(provided.runners.check_runner.execute(CheckRunnerCommand(runner=known_as(runner))))

    @post("/{runner:str}/cordon", sync_to_thread=True, status_code=200, operation_id="cordonRunner", summary="Cordon")
    def cordon(
        self, request: Request[Any, Any, Any], runner: FromPath[str], body: RawBody, provided: Everything
    ) -> Response[RunnerView]:
        """No new work until it is uncordoned; what runs goes on. Of a drain this lifts the deadline."""
        asked = read_body(request, body, CordonBody, InvalidRunner)
        command = CordonRunnerCommand(runner=known_as(runner), note=asked.note)
        return _shown(provided.runners.cordon_runner.execute(command))

    @post("/{runner:str}/uncordon", sync_to_thread=True, status_code=200, operation_id="uncordonRunner", summary="Open")
    def uncordon(self, runner: FromPath[str], provided: Everything) -> Response[RunnerView]:
        """It takes new work again, whether it was cordoned, paused or draining."""
        return _shown(provided.runners.uncordon_runner.execute(UncordonRunnerCommand(runner=known_as(runner))))

    @post("/{runner:str}/pause", sync_to_thread=True, status_code=200, operation_id="pauseRunner", summary="Pause")
    def pause(
        self, request: Request[Any, Any, Any], runner: FromPath[str], body: RawBody, provided: Everything
    ) -> Response[RunnerView]:
        """No new work until a moment; what runs goes on. Pausing again moves the end."""
        asked = read_body(request, body, PauseBody, InvalidRunner)
        command = PauseRunnerCommand(runner=known_as(runner), end=asked.end, note=asked.note)
        return _shown(provided.runners.pause_runner.execute(command))

    @post("/{runner:str}/drain", sync_to_thread=True, status_code=200, operation_id="drainRunner", summary="Drain")
    def drain(
        self, request: Request[Any, Any, Any], runner: FromPath[str], body: RawBody, provided: Everything
    ) -> Response[RunnerView]:
        """No new work; what runs may finish. What still runs at the deadline is cancelled; without one nothing is."""
        asked = read_body(request, body, DrainBody, InvalidRunner)
        command = DrainRunnerCommand(runner=known_as(runner), deadline=asked.end, note=asked.note)
        return _shown(provided.runners.drain_runner.execute(command))

    @delete("/{runner:str}", sync_to_thread=True, operation_id="removeRunner", summary="Remove a runner")
    def remove(self, runner: FromPath[str], provided: Everything) -> None:
        """Forget a runner that nobody drives and where nothing lives; 409 otherwise."""
        provided.runners.remove_runner.execute(RemoveRunnerCommand(runner=known_as(runner)))


def _shown(runner: RunnerStatus, status: int = 200) -> Response[RunnerView]:
    return Response(RunnerView.of(runner), status_code=status, headers={"ETag": f'"{runner.runner.revision}"'})


def known_as(text: str) -> str:
    """An id or a name; nothing else can be one."""
    if not RUNNER_NAME.fullmatch(text):
        raise RunnerNotFound(text)
    return text


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    found = _ETAG.fullmatch(if_match)
    if not found:
        raise wrong_parameter("If-Match", "is not an `ETag` that this server gave out")
    return int(found[1])
