"""Waiting for work: one request that the server answers when there is something, again and again."""

import random
from collections.abc import Callable
from threading import Event, Thread
from typing import Any, Final

import structlog

from ...application.ports.rings import READY
from ...domain.errors import RunyardError
from ...domain.runners.agent import WAIT_SECONDS
from ...domain.runners.errors import DriverLost
from .door import ServerDoor
from .session import Session

_COMING_SECONDS: Final = 2.0
"""So long the one who was told of work has to ask for it, before we wait for more."""
_STEP_SECONDS: Final = 1.0
_REFUSING_SECONDS: Final = 5.0
"""So often a machine that takes nothing looks whether it can again, and says so."""
_SHORTEST: Final = 0.8
"""Waits are cut short by chance: agents that once came together, as after a restart of the server, part again."""


class Waiting:
    """Fits `Rings`: what the server says rings here, for the driver of this process. `room` looks what is free on the
    machine, and whether it takes anything.
    """

    def __init__(
        self, door: ServerDoor, session: Session, room: Callable[[], dict[str, Any]], *, seconds: float = WAIT_SECONDS
    ) -> None:
        self._door, self._session, self._room, self._seconds = door, session, room, seconds
        self._own: Any = None
        self._ready: list[Callable[[], None]] = []
        self._asked: list[Callable[[], None]] = []
        self._stopping = Event()
        self._log = structlog.get_logger()
        self._thread = Thread(target=self._run, name="waiting", daemon=True)

    def ring(self, topics: set[str]) -> None:
        """Nobody rings from here: the server knows by itself."""

    def listen(self, topic: str, heard: Callable[[], None]) -> Callable[[], None]:
        """Call `heard` when there is work, or news about the runner."""
        listeners = self._ready if topic == READY else self._asked
        listeners.append(heard)

        def stop() -> None:
            if heard in listeners:
                listeners.remove(heard)

        return stop

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def stop(self) -> None:
        """Wait no more; the request that is under way is let be."""
        self._stopping.set()

    def wake(self) -> None:
        """Have the driver look and ask now."""
        _call(self._asked)
        _call(self._ready)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._session.wait_until_open(_STEP_SECONDS):
                continue
            try:
                self._wait()
            except DriverLost:  # whoever drives asks by itself, learns of it, and says so
                _call(self._asked)
                self._stopping.wait(_STEP_SECONDS)
            except RunyardError:
                self._stopping.wait(max(self._door.pause, _STEP_SECONDS))
            except Exception:  # noqa: BLE001 - without it nothing would ever be heard of again
                self._log.exception("waiting for work failed")
                self._stopping.wait(_STEP_SECONDS)

    def _wait(self) -> None:
        epoch = self._session.epoch
        self._session.heard()
        self._session.claimed.clear()
        room = self._room()
        seconds = min(self._seconds, _REFUSING_SECONDS) if "refuses" in room else self._seconds
        wait = seconds * random.uniform(_SHORTEST, 1)  # noqa: S311 - spreads load, guards nothing
        said = self._door.says("sync", {"epoch": epoch, "wait": wait, "room": room}, patience=wait)
        known, self._own = self._own, said["runner"]
        if said["asked"] or known not in (None, said["runner"]):
            _call(self._asked)
        if said["ready"] and not self._stopping.is_set():
            _call(self._ready)
            self._session.claimed.wait(_COMING_SECONDS)


def _call(listeners: list[Callable[[], None]]) -> None:
    for heard in [*listeners]:
        heard()
