"""Listening on a port, and leaving it without cutting anybody off."""

import os
import signal
import socket
import sys
from asyncio import get_running_loop
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Timer
from typing import Any, Final, Self, cast

import structlog
import uvicorn
from litestar import Litestar

from ..domain.errors import Refusal, RunyardError
from .door_settings import DoorSettings
from .garbage import settle
from .http.connections import Connections, ConnectionTerms
from .http.protocol import GuardedProtocol
from .http.shutdown import Shutdown
from .tls import Certificate, WrongCertificate

_STREAMS_END_WITHIN_SECONDS: Final = 1
_GREETING_SECONDS: Final = 10.0
_IDLE_SECONDS: Final = 20
"""Longer than clients keep a connection they do not use: else they send their next request while we hang up."""
_TICKS_OF_A_SECOND: Final = 10

_log = structlog.get_logger(__name__)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a server treats its connections, and how it leaves."""

    connections: ConnectionTerms = field(default_factory=ConnectionTerms)
    certificate: Certificate | None = None
    proxies: Sequence[str] = ()
    drain: float = 0.0

    @classmethod
    def of(cls, settings: DoorSettings, *, drain: float = 0.0) -> Self:
        """As the settings want it; `WrongCertificate` if it cannot be."""
        terms, proxies = settings.connection_terms(), settings.trusted_proxies
        return cls(connections=terms, certificate=settings.certificate, proxies=proxies, drain=drain)

    @property
    def scheme(self) -> str:
        """How its address begins."""
        return "http" if self.certificate is None else "https"


class GracefulServer(uvicorn.Server):
    """Says when it serves. Told to stop, it first says so to those who ask whether it is ready, and serves on for
    `drain` seconds; then streams are ended, and so is all else. A second signal ends that patience.
    """

    def __init__(self, app: Litestar, shutdown: Shutdown, started: Callable[[], None], manners: Manners) -> None:
        certificate = manners.certificate
        config = uvicorn.Config(
            app,
            http=GuardedProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(manners.proxies),
            forwarded_allow_ips=[*manners.proxies],
            ssl_context_factory=None if certificate is None else lambda _config, _usual: certificate.context,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_STREAMS_END_WITHIN_SECONDS,
        )
        super().__init__(config)
        self._shutdown, self._said_started = shutdown, started
        self._drain, self._certificate = manners.drain, certificate
        self._connections = Connections(manners.connections)
        self.servers = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it, but nobody has a minute for greeting."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(uvicorn.config.STARTUP_FAILURE)
        encrypted = self.config.ssl
        for listening in sockets or ():
            server = await get_running_loop().create_server(
                self._connection,
                sock=listening,
                ssl=encrypted,
                ssl_handshake_timeout=None if encrypted is None else _GREETING_SECONDS,
                backlog=self.config.backlog,
            )
            self.servers.append(server)
        settle()
        self.started = True
        self._said_started()

    def _connection(self) -> GuardedProtocol:
        return GuardedProtocol(
            connections=self._connections,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS_OF_A_SECOND == 0:
            now = get_running_loop().time()
            for connection in [*self.server_state.connections]:
                cast("GuardedProtocol", connection).look(now)
        return await super().on_tick(counter)

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
        if self._certificate is not None and not _at_a_terminal():
            signal.signal(signal.SIGHUP, lambda _number, _frame: self._renew())

    def serve_on(self, listening: socket.socket) -> None:
        """Until a signal says stop."""
        self.run(sockets=[listening])

    def _renew(self) -> None:
        try:
            if self._certificate is not None:
                self._certificate.renew()
        except (WrongCertificate, OSError) as error:  # somebody may be putting new files there at this moment
            _log.error("the certificate stays as it was", why=str(error))
        else:
            _log.warning("the certificate was read again")

    def _stop_soon(self) -> None:
        self.should_exit = True
        self._shutdown.begin()

    def _leave(self, sig: int, frame: Any) -> None:
        self._shutdown.begin()
        super().handle_exit(sig, frame)


def _at_a_terminal() -> bool:
    """There the same signal says that the terminal is closed."""
    try:
        return os.isatty(0)
    except OSError:
        return False
