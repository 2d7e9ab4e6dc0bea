"""HTTP/1.1 as uvicorn speaks it, with limits it does not have: a head's size, slowness, connections of one address.

What cannot be understood is told so as everything else is: as a problem.
"""

from asyncio import AbstractEventLoop, Transport
from enum import Enum
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from .connections import Connections
from .problems import PROBLEM_JSON, Refused, document
from .protection import protected
from .request_id import HEADER, identify

_LINGER_SECONDS: Final = 2.0
"""So long an answer may be read whose request we no longer read."""
_MOST_PIPELINED: Final = 32


class Reading(Enum):
    """How far the request is read that is being read."""

    NOTHING = "nothing"
    HEAD = "head"
    BODY = "body"
    NO_MORE = "no more"


_WITHOUT_A_WORD: Final = {Reading.NOTHING, Reading.NO_MORE}


class GuardedProtocol(HttpToolsProtocol):
    """One connection. `look` is called now and then, and ends what is too slow."""

    def __init__(self, *, connections: Connections, _loop: AbstractEventLoop | None = None, **rest: Any) -> None:
        super().__init__(_loop=_loop, **rest)
        self._open = connections
        self._terms = connections.terms
        self._address = "unknown"
        self._reading = Reading.NOTHING
        self._due: float | None = None
        self._stuck_since: float | None = None
        self._head_bytes = self._head_read = 0
        self._wrong: Refused | None = None
        self._answering: RequestResponseCycle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = self.client[0] if self.client else self._address
        refused = self._open.come(self._address)
        if refused is None:
            self._within(self._terms.head_seconds)
        elif self._open.crowded:
            transport.abort()
        else:
            self._refuse(refused)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._open.go(self._address)
        self._due = self._stuck_since = None

    def data_received(self, data: bytes) -> None:
        if self._reading is Reading.NO_MORE:
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._read_no_more()  # we speak nothing else; what was asked is answered
        except httptools.HttpParserError as error:
            self._not_understood(self._wrong or _not_http(error))
            return
        if self._reading is Reading.HEAD:
            self._head_read += len(data)
            if self._head_read > 2 * self._terms.most_head_bytes:  # one header without an end
                self._not_understood(self._head_too_large())
        elif self._reading is Reading.NOTHING and self._due is None and not self._busy:
            self._within(self._terms.head_seconds)  # empty lines begin no request

    def look(self, now: float) -> None:
        """End it if it is too slow."""
        if self._stuck_since is not None and now - self._stuck_since > self._terms.stuck_seconds:
            self.transport.abort()
        elif self._due is None or now < self._due:
            return
        elif self.flow.read_paused:  # it is we who are slow
            self._within(self._terms.body_seconds)
        elif self._reading in _WITHOUT_A_WORD or (self.cycle is not None and self.cycle.response_started):
            self.transport.close()
        else:
            self._not_understood(_too_slow(self._reading))

    # What the parser finds

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reading = Reading.HEAD
        self._head_bytes = self._head_read = 0
        self._within(self._terms.head_seconds)
        if len(self.pipeline) >= _MOST_PIPELINED:
            self._stop_parsing(
                Refused(400, "bad-request", f"at most {_MOST_PIPELINED} requests may wait for each other")
            )

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self._terms.most_head_bytes:
            self._stop_parsing(self._head_too_large())

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self._terms.most_head_bytes or len(self.headers) >= self._terms.most_headers:
            self._stop_parsing(self._head_too_large())
        if self._reading is Reading.HEAD:  # what follows a body is no part of the request we have judged
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        named = httptools.parse_url(self.url).host if not self.url.startswith((b"/", b"*")) else None
        if named:  # an address in full names the host, whatever the header says
            self.headers[:] = [(name, value) for name, value in self.headers if name != b"host"]
            self.headers.append((b"host", b"[%s]" % named if b":" in named else named))
        self._reading = Reading.BODY
        self._within(self._terms.body_seconds)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._due is not None and not self.cycle.response_complete:
            self._due += len(body) / self._terms.body_bytes_per_second
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._reading = Reading.NOTHING
        self._due = None
        super().on_message_complete()

    # What is answered

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._reading is Reading.BODY and self._answering is self.cycle:
            self._within(_LINGER_SECONDS)  # nobody wants the rest of it

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck_since = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stuck_since = None

    @property
    def _busy(self) -> bool:
        return self._answering is not None and not self._answering.response_complete

    def _within(self, seconds: float) -> None:
        self._due = self.loop.time() + seconds

    def _stop_parsing(self, refused: Refused) -> None:
        self._wrong = refused
        raise ValueError(refused.code)  # the parser stops at an exception, and raises its own

    def _read_no_more(self) -> None:
        """What was understood so far is answered; then the connection ends."""
        self._reading, self._due = Reading.NO_MORE, None
        if self._answering is not None:
            self._answering.keep_alive = False

    def _not_understood(self, refused: Refused) -> None:
        broken = self._reading is Reading.BODY and self._answering is self.cycle
        if self._busy and not broken:
            self._read_no_more()
        elif self._busy and self.cycle.response_started:
            self.transport.abort()
        else:
            if self._busy:
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            self._refuse(refused)

    def _refuse(self, refused: Refused) -> None:
        """The last thing said here. What still comes is thrown away for a moment, so that the answer can be read."""
        if self.transport.is_closing():
            return
        scope: Any = {"path": "", "headers": [], "scheme": self.scheme}
        body = document(scope, refused)
        headers = [(name.encode(), value.encode()) for name, value in refused.headers.items()]
        headers += [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", str(len(body)).encode())]
        headers += [(b"connection", b"close"), (HEADER, identify(scope).encode())]
        lines = [name + b": " + value + b"\r\n" for name, value in protected(headers, scope)]
        default = [name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers]
        self.transport.write(b"".join([STATUS_LINE[refused.status], *default, *lines, b"\r\n", body]))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._reading = Reading.NO_MORE
        self._within(_LINGER_SECONDS)

    def _head_too_large(self) -> Refused:
        most, many = self._terms.most_head_bytes, self._terms.most_headers
        return Refused(431, "head-too-large", f"address and headers have at most {most} bytes, in {many} headers")


def _not_http(error: httptools.HttpParserError) -> Refused:
    why = "" if isinstance(error, httptools.HttpParserCallbackError) else f": {error}"
    return Refused(400, "not-http", f"this is no request of HTTP/1.1{why}")


def _too_slow(reading: Reading) -> Refused:
    part = "body" if reading is Reading.BODY else "head"
    return Refused(408, "too-slow", f"the {part} of the request did not come in time")
