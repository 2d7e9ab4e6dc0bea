"""The life of an agent: from its start to the moment it may go, and what it says of itself meanwhile."""

import os
import signal
from collections.abc import Callable
from enum import Enum
from time import monotonic, sleep, time
from typing import Final, Protocol

import structlog

from ...domain.errors import RunyardError
from ...domain.runners.ids import DriverId, RunnerId
from .door import ServerDoor
from .home import Home
from .look import Preflight
from .session import Session
from .settings import AgentSettings
from .waiting import Waiting

_TICK_SECONDS: Final = 0.25
_TELL_SECONDS: Final = 2.0
_AT_ONCE: Final = 2
_LET_GO_SECONDS: Final = 5.0


class Why(Enum):
    """Why an agent went."""

    STOPPED = "it was told to stop"
    DONE = "its one job is done"
    IDLE = "there was nothing to do for long enough"
    SHUT_OUT = "its token opens nothing any more"


class Drives(Protocol):
    """What drives the runner."""

    def start(self, runner_id: RunnerId, driver_id: DriverId) -> None:
        """Begin."""

    def stop(self, timeout: float) -> bool:
        """Let go; whether that was done within so many seconds."""


class Life:
    """One run of the agent."""

    def __init__(
        self, home: Home, settings: AgentSettings, session: Session, door: ServerDoor, preflight: Preflight
    ) -> None:
        self._home, self._settings, self._session = home, settings, session
        self._door, self._preflight = door, preflight
        self._stops = 0
        self._rotate_at = monotonic() + settings.rotate_every
        self._drain_until: float | None = None
        self._tell_at = 0.0
        self._log = structlog.get_logger()

    def heed_signals(self) -> None:
        """SIGTERM: take nothing more, let what runs end. SIGINT, or a second signal: leave at once; jobs go on."""
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._told_to_stop(1))
        signal.signal(signal.SIGINT, lambda _number, _frame: self._told_to_stop(_AT_ONCE))

    def _told_to_stop(self, how: int) -> None:
        self._stops += how  # no lock: it may interrupt whoever holds one
        self._session.closing = True

    def run(self, driver: Drives, waiting: Waiting, *, began: Callable[[str], None]) -> Why:
        """Until it is time to go; why."""
        waiting.start()
        driver.start(RunnerId("self"), self._home.driver())
        said = False
        try:
            while (why := self._over()) is None:
                if not said and self._session.wait_until_open(_TICK_SECONDS):
                    began(self._session.name)
                    said = True
                sleep(_TICK_SECONDS)
                self._rotate()
                self._tell()
        finally:
            waiting.stop()
            driver.stop(_LET_GO_SECONDS)
            self._door.close()
        self._home.tell(state="left", why=why.value, at=time())
        return why

    def _over(self) -> Why | None:
        session, now = self._session, monotonic()
        if self._door.shut.is_set():
            return Why.SHUT_OUT
        if self._stops >= _AT_ONCE:
            return Why.STOPPED
        if self._stops:
            if self._drain_until is None:
                self._drain_until = now + self._settings.drain_timeout
                self._log.info("draining", running=session.busy, within=self._settings.drain_timeout)
            return Why.STOPPED if not session.busy or now >= self._drain_until else None
        if session.finished:
            return Why.DONE
        idle = self._settings.idle_timeout
        if idle and not session.busy and now - session.idle_since >= idle:
            return Why.IDLE
        return None

    def _rotate(self) -> None:
        """The new token is on the disk before it is used; an answer that is lost, or cannot be kept, costs nothing."""
        if monotonic() < self._rotate_at:
            return
        try:
            self._home.keep_token(self._door.says("rotate")["token"])
            self._log.info("the token was exchanged")
            self._rotate_at = monotonic() + self._settings.rotate_every
        except (RunyardError, OSError) as refusal:
            self._log.warning("the token could not be exchanged", why=str(refusal))
            self._rotate_at = monotonic() + max(self._door.pause, 1.0, min(60.0, self._settings.rotate_every / 10))

    def _tell(self) -> None:
        if monotonic() < self._tell_at:
            return
        self._tell_at = monotonic() + _TELL_SECONDS
        session = self._session
        state = "draining" if session.closing else "connected" if session.epoch else "connecting"
        wrong = f"starts fail here; nothing is taken for {session.resting:.0f} s" if session.resting else None
        if self._door.pause:
            state = "disconnected"
        self._home.tell(
            state=state,
            pid=os.getpid(),
            runner=session.name,
            url=self._settings.url,
            running=session.busy,
            wrong=self._preflight.wrong or session.trouble or wrong,
            at=time(),
        )
