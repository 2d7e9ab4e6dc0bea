"""Agents without a machine: they speak to the server as agents do, by the same door, and run nothing."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

from runyard.application.ports.work import StoreUnavailable
from runyard.domain.errors import RunyardError
from runyard.entrypoints.agent.door import ServerDoor
from runyard.entrypoints.agent.home import Home
from runyard.entrypoints.client.client import Client

_SOON = 0.05


class LightAgent:
    """Takes one job and keeps it alive until it is told to `finish`. After a failure it begins as after a restart.

    `trouble` is what should not have happened; `answered` are all answers: when, and after how many seconds.
    """

    def __init__(self, client: Client, url: str, folder: Path, *, every: float = 1.0, exchanges: bool = False) -> None:
        self.name = folder.name
        self._thread = Thread(target=self._run, name=folder.name, daemon=True)
        self.home, self._every, self._exchanges = Home(folder).made(), every, exchanges
        ca_file = folder.parent / "authority"
        self._ca_file, self._url = str(ca_file) if ca_file.exists() else "", url
        self.home.keep_token(client.runners.add_agent(folder.name)[1].token)
        self.door = self.another_door(self.home.token)
        self.home.keep_token(self.door.says("register", {})["token"])
        self.answered: list[tuple[float, float]] = []
        self.trouble: list[RunyardError] = []
        self.exchanged = 0
        self._epoch: int | None = None
        self._runs: dict[str, Any] | None = None
        self._finish, self._leave = Event(), Event()

    def another_door(self, token: Callable[[], str]) -> ServerDoor:
        """The same way to the server, for whoever comes with this."""
        return ServerDoor(self._url, token, ca_file=self._ca_file)

    @property
    def busy(self) -> bool:
        """Whether it has a job."""
        return self._runs is not None

    def finish(self) -> None:
        """Tell that the job ended well."""
        self._finish.set()

    def stop(self) -> None:
        """Leave."""
        self._leave.set()
        self._thread.join()
        self.door.close()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def exchange(self) -> None:
        """Come with the next token from now on."""
        self.home.keep_token(self._says("rotate")["token"])
        self.exchanged += 1

    def _run(self) -> None:
        while not self._leave.is_set():
            try:
                self._turn()
                self._leave.wait(self._every)
            except StoreUnavailable:
                self._epoch = None
                self._leave.wait(max(self.door.pause, _SOON))
            except RunyardError as refusal:
                self.trouble.append(refusal)
                return

    def _turn(self) -> None:
        if self._epoch is None:
            self._begin()
        alive = [self._runs] if self._runs else []
        asked = {"epoch": self._epoch, "alive": alive, "take": 0 if self._runs else 1, "host": {"boot_id": "b"}}
        for taken in self._says("sync", asked)["taken"]:
            self._has(taken)
        if self._runs and self._finish.is_set():
            self._says("reports", {"reports": [{**self._runs, "kind": "ended", "exit_code": 0, "log_size": 0}]})
            self._runs = None
            self._finish.clear()
        if self._exchanges:
            self.exchange()

    def _begin(self) -> None:
        """A session; what lives here has another fence under it."""
        self._epoch = self._says("session", {"driver": self.name})["epoch"]
        for live in self._says("sync", {"epoch": self._epoch, "known": []})["attempts"]:
            self._has(live)

    def _has(self, told: dict[str, Any]) -> None:
        self._runs = {name: told[name] for name in ("job", "attempt", "fence")}
        self._says("reports", {"reports": [{**self._runs, "kind": "started"}]})

    def _says(self, what: str, body: Any = None) -> Any:
        begun = time.monotonic()
        said = self.door.says(what, body)
        self.answered.append((time.monotonic(), time.monotonic() - begun))
        return said
