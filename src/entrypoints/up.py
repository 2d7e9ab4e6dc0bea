"""`runyard up`: a whole Runyard in one process, from the first start to Ctrl-C."""

import json as json_text
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.panel import Panel

from ..application.jobs.list_jobs import ListJobsCommand
from ..application.ports.jobs import JobFilter
from ..application.ports.work import StoreUnavailable
from ..domain.errors import RunyardError
from ..domain.jobs.states import LIVE_STATES
from .complaining import complained
from .data_dir import DataDir
from .discovery import Discovery, remove_discovery, write_discovery
from .http.app import create_app
from .logging import configure_logging
from .serving import GracefulServer, Manners, bound
from .settings import EmbeddedSettings, Settings, read_settings
from .wiring.embedded import EmbeddedContainer
from .wiring.http import opened_by

DEFAULT_PORT: Final = 7433


def main(
    *,
    data_dir: Path | None,
    port: int | None,
    slots: int | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    json: bool,
) -> int:
    """Serve until a signal says stop; the exit code: 0, or 1, 2, 5 with a sentence on standard error."""
    try:
        given = {"data_dir": data_dir, "slots": slots, "tls_cert": tls_cert, "tls_key": tls_key}
        settings = read_settings(EmbeddedSettings, given)
        configure_logging(settings.log_level)
        manners = Manners.of(settings)
        with _ready(settings, port, manners) as (container, listening, found):
            _serve(container, listening, found, manners, json=json)
    except RunyardError as refusal:
        return complained(refusal)
    return 0


@contextmanager
def _ready(
    settings: Settings, port: int | None, manners: Manners
) -> Iterator[tuple[EmbeddedContainer, socket.socket, Discovery]]:
    directory = DataDir(settings.data_dir)
    try:
        directory.admin_token()
        container = EmbeddedContainer(settings=settings)
        container.adapters.key_file().check()
        host = settings.bound_host
        with bound(host, [DEFAULT_PORT, 0] if port is None else [port]) as listening:
            found = Discovery(
                url=f"{manners.scheme}://{host}:{listening.getsockname()[1]}",
                token_file=str(directory.token_file),
                data_dir=str(directory.path),
                pid=os.getpid(),
                certificate=None if settings.tls_cert is None else str(settings.tls_cert.expanduser().absolute()),
            )
            yield container, listening, found
    finally:
        directory.close()


def _serve(
    container: EmbeddedContainer, listening: socket.socket, found: Discovery, manners: Manners, *, json: bool
) -> None:
    settings: Settings = container.settings()
    token = Path(found.token_file).read_text().strip()

    container.jobs.way_back().here = found.url

    def started() -> None:
        write_discovery(found)
        _announce(found, runner.slots, json=json)

    server = GracefulServer(create_app(opened_by(container.http, token)), container.http.shutdown(), started, manners)
    server.heed_signals()
    runner = container.engine().start(settings.slots)
    try:
        server.serve_on(listening)
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
