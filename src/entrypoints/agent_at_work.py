"""`runyard agent`: register a machine, be its agent, say how it is, stop it."""

import json as json_text
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

from .agent import machine
from .agent.door import ServerDoor
from .agent.home import AgentRunsAlready, Home
from .agent.life import Life, Why
from .agent.look import Preflight
from .agent.remote import Remote
from .agent.session import Session
from .agent.settings import AgentSettings, written
from .agent.telling import facts_body, spoken_body
from .agent.waiting import Waiting
from .logging import configure_logging
from .wiring.agent import agent_driver

SHUT_OUT: Final = 4
_STOP_LOOK_SECONDS: Final = 0.1


def register(folder: Path, url: str, token: str, ca_file: str = "") -> dict[str, Any]:
    """Exchange the registration token for one of this machine's own; what the server said of the runner.

    An answer that is lost is asked for again, with the same token. `AgentRunsAlready` while an agent is at work here:
    as another runner it would end whatever it runs.
    """
    home = Home(folder).made()
    pid = home.pid()
    if pid is not None:
        raise AgentRunsAlready(home.folder, pid)
    door = ServerDoor(url, lambda: token, ca_file=ca_file)
    try:
        told = door.says("register", {"facts": facts_body(machine.facts(home.folder)), "protocol": spoken_body()})
    finally:
        door.close()
    home.keep_token(told["token"])
    written(home.folder, url=url.rstrip("/"), **({"ca_file": ca_file} if ca_file else {}))
    runner: dict[str, Any] = told["runner"]
    return runner


def start(folder: Path, *, json: bool = False) -> int:
    """Be the agent until something says stop; the exit code."""
    home = Home(folder).made()
    settings = AgentSettings.read(home.folder)
    configure_logging(settings.log_level)
    home.token()
    home.lock()
    if os.geteuid() == 0:
        structlog.get_logger().warning("jobs will run as root; an account of its own is better")
    session = Session(ephemeral=settings.ephemeral)
    door = ServerDoor(settings.url, home.token, ca_file=settings.ca_file)
    preflight = Preflight(home.folder, settings.min_free_bytes, machine.facts, machine.room)
    remote = Remote(door, session, preflight)
    waiting = Waiting(door, session, remote.looked_over)
    driver = agent_driver(remote, waiting, home.supervisor, settings.containment)
    life = Life(home, settings, session, door, preflight)
    life.heed_signals()

    def began(name: str) -> None:
        document = {"runner": name, "pid": os.getpid(), "url": settings.url}
        print(json_text.dumps(document) if json else f"Runner {name!r} is at work for {settings.url}", flush=True)  # noqa: T201 - said once

    why = life.run(driver, waiting, began=began)
    structlog.get_logger().info("leaving", why=why.value)
    return SHUT_OUT if why is Why.SHUT_OUT else 0


def status(folder: Path) -> dict[str, Any]:
    """How the agent of this folder is, as far as can be seen from here."""
    home = Home(folder)
    pid, told = home.pid(), home.told()
    if pid is None:
        registered = (home.folder / "token").exists()
        return {"state": "stopped" if registered else "not registered", "why": told.get("why")}
    return {"state": "connecting", **told, "pid": pid}


def stop(folder: Path, *, now: bool = False, timeout: float | None = None) -> bool:
    """Have the agent of this folder leave; whether it has, within so many seconds."""
    home = Home(folder)
    pid = home.pid()
    if pid is None:
        return True
    with suppress(ProcessLookupError):  # it went by itself, just now
        os.kill(pid, signal.SIGINT if now else signal.SIGTERM)
    until = None if timeout is None else time.monotonic() + timeout
    while home.pid() == pid:
        if until is not None and time.monotonic() > until:
            return False
        time.sleep(_STOP_LOOK_SECONDS)
    return True
