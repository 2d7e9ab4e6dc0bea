"""Listening on a port, and leaving it without cutting anybody off."""

import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Timer
from typing import Any, Final

import uvicorn
from litestar import Litestar

from ..domain.errors import Refusal, RunyardError
from .http.shutdown import Shutdown

_STREAMS_END_WITHIN_SECONDS: Final = 1


class PortUnavailable(RunyardError):
    """The port cannot be listened on."""

    refusal = Refusal.CONFLICT
    code = "port-unavailable"

    def __init__(self, port: int, why: str) -> None:
        super().__init__(f"cannot listen on port {port}: {why}; choose another with --port, or 0 for any")


@contextmanager
def bound(host: str, ports: Sequence[int]) -> Iterator[socket.socket]:
    """A listening socket, on the first of these ports that is free; 0 is any."""
    for candidate in ports:
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, candidate))
            listening.listen()  # two that have only bound may share a port, and find out too late
        except (OSError, OverflowError) as error:
            listening.close()
            if candidate == ports[-1]:
                raise PortUnavailable(candidate, str(error)) from error
            continue
        with listening:
            yield listening
        return


class GracefulServer(uvicorn.Server):
    """Says when it serves. Told to stop, it first says so to those who ask whether it is ready, and serves on for
    `drain` seconds; then streams are ended, and so is all else. A second signal ends that patience.
    """

    def __init__(self, app: Litestar, shutdown: Shutdown, started: Callable[[], None], drain: float = 0.0) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_STREAMS_END_WITHIN_SECONDS,
        )
        super().__init__(config)
        self._shutdown, self._said_started, self._drain = shutdown, started, drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._said_started()

    def handle_exit(self, sig: int, frame: Any) -> None:
        if self._drain and not self._shutdown.announced:
            self._shutdown.announce()
            later = Timer(self._drain, self._leave, (sig, frame))
            later.daemon = True
            later.start()
            return
        self._leave(sig, frame)

    def heed_signals(self) -> None:
        """Let signals count before uvicorn listens for them too; those it raises anew at its end are done by then."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: self._stop_soon())

    def serve_on(self, listening: socket.socket) -> None:
        """Until a signal says stop."""
        self.run(sockets=[listening])

    def _stop_soon(self) -> None:
        self.should_exit = True
        self._shutdown.begin()

    def _leave(self, sig: int, frame: Any) -> None:
        self._shutdown.begin()
        super().handle_exit(sig, frame)
