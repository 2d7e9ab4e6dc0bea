"""`runyard up`: a whole Runyard in one process, from the first start to Ctrl-C."""

import json as json_text
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import uvicorn
from pydantic import ValidationError
from rich.console import Console
from rich.panel import Panel

from ..application.jobs.list_jobs import ListJobsCommand
from ..application.ports.jobs import JobFilter
from ..application.ports.work import StoreUnavailable
from ..domain.errors import Refusal, RunyardError
from ..domain.jobs.states import LIVE_STATES
from .data_dir import DataDir
from .discovery import Discovery, remove_discovery, write_discovery
from .http.app import create_app
from .logging import configure_logging
from .settings import Settings
from .wiring.embedded import EmbeddedContainer
from .wiring.http import opened_by

DEFAULT_PORT: Final = 7433
_HOST: Final = "127.0.0.1"
_STREAMS_END_WITHIN_SECONDS: Final = 1
_FAILURE, _USAGE, _CONFLICT = 1, 2, 5


def main(*, data_dir: Path | None, port: int | None, slots: int | None, json: bool) -> int:
    """Serve until a signal says stop; the exit code: 0, or 1, 2, 5 with a sentence on standard error."""
    complain = Console(stderr=True, highlight=False)
    try:
        given = {name: value for name, value in (("data_dir", data_dir), ("slots", slots)) if value is not None}
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            complain.print(f"RUNYARD_{str(detail['loc'][0]).upper()}: {detail['msg']}")
        return _USAGE
    configure_logging(settings.log_level)
    try:
        with _ready(settings, port) as (container, listening, found):
            _serve(container, listening, found, json=json)
    except RunyardError as refusal:
        complain.print(str(refusal), style="red", soft_wrap=True)
        return _CONFLICT if refusal.refusal is Refusal.CONFLICT else _FAILURE
    return 0


@contextmanager
def _ready(settings: Settings, port: int | None) -> Iterator[tuple[EmbeddedContainer, socket.socket, Discovery]]:
    directory = DataDir(settings.data_dir)
    try:
        directory.admin_token()
        container = EmbeddedContainer(settings=settings)
        with _bound(port) as listening:
            address = f"http://{_HOST}:{listening.getsockname()[1]}"
            found = Discovery(
                url=address, token_file=str(directory.token_file), data_dir=str(directory.path), pid=os.getpid()
            )
            yield container, listening, found
    finally:
        directory.close()


@contextmanager
def _bound(port: int | None) -> Iterator[socket.socket]:
    """A listening socket: on the port asked for, or on the usual one, or on any if that is taken."""
    wanted = [DEFAULT_PORT, 0] if port is None else [port]
    for candidate in wanted:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((_HOST, candidate))
            listening.listen()  # two that have only bound may share a port, and find out too late
        except (OSError, OverflowError) as error:
            listening.close()
            if candidate == wanted[-1]:
                raise PortUnavailable(candidate, str(error)) from error
            continue
        with listening:
            yield listening
        return


class PortUnavailable(RunyardError):
    """The port cannot be listened on."""

    refusal = Refusal.CONFLICT
    code = "port-unavailable"

    def __init__(self, port: int, why: str) -> None:
        super().__init__(f"cannot listen on port {port}: {why}; choose another with --port, or 0 for any")


class _Server(uvicorn.Server):
    """Says when it serves, and lets streams know when it is about to stop."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._said_started, self._said_stopping = started, stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._said_started()

    def stop_soon(self) -> None:
        """Serve no longer than it takes to stop."""
        self.should_exit = True
        self._said_stopping()

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._said_stopping()
        super().handle_exit(sig, frame)


def _serve(container: EmbeddedContainer, listening: socket.socket, found: Discovery, *, json: bool) -> None:
    settings: Settings = container.settings()
    token = Path(found.token_file).read_text().strip()
    config = uvicorn.Config(
        create_app(opened_by(container.http, token)),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STREAMS_END_WITHIN_SECONDS,
    )

    def started() -> None:
        write_discovery(found)
        _announce(found, runner.slots, json=json)

    server = _Server(config, started, container.http.shutdown().begin)
    # Before uvicorn listens for signals they count too; what it raises anew once it has stopped is done by then.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: server.stop_soon())
    runner = container.engine().start(settings.slots)
    try:
        server.run(sockets=[listening])
    finally:
        remove_discovery(found.pid)
        going_on = 0 if json else _live_jobs(container)
        left = container.engine().stop()
        if not json:
            _say_goodbye(going_on, supervisor_left=left)


def _live_jobs(container: EmbeddedContainer) -> int:
    """How many jobs go on; a store that does not answer now must not keep the rest from stopping."""
    which = ListJobsCommand(which=JobFilter(states=LIVE_STATES), limit=200)
    try:
        return len(container.jobs.list_jobs().execute(which).items)
    except StoreUnavailable:
        return 0


def _announce(found: Discovery, slots: int, *, json: bool) -> None:
    if os.geteuid() == 0:
        Console(stderr=True, highlight=False).print("Warning: jobs will run as root.", style="yellow")
    if json:
        print(json_text.dumps(asdict(found)), flush=True)  # noqa: T201 - the one line that was asked for
        return
    lines = [
        f"[bold]{found.url}[/bold]   API: {found.url}/schema/swagger-ui",
        f"data   {found.data_dir}",
        f"token  {found.token_file}",
        f"slots  {slots}",
        "",
        "Try, in another terminal:  [bold]runyard run -- echo hello[/bold]",
        "Ctrl-C stops the server; running jobs go on.",
    ]
    Console(highlight=False, soft_wrap=True).print(Panel("\n".join(lines), title="Runyard is up", expand=False))
    sys.stdout.flush()


def _say_goodbye(going_on: int, *, supervisor_left: bool) -> None:
    if going_on:
        noun = "job goes" if going_on == 1 else "jobs go"
        told = f"Stopped. {going_on} running {noun} on, and will be adopted by the next `runyard up`."
    elif supervisor_left:
        told = "Stopped. Nothing is left running."
    else:
        told = "Stopped. The supervisor keeps what was not collected yet for the next `runyard up`."
    Console(highlight=False, soft_wrap=True).print(told)
