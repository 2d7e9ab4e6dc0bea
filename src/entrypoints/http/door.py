"""What every request and every answer has in common, whatever the route, even where there is none."""

from asyncio import Event
from time import perf_counter
from typing import Any, Final

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import HTTPReceiveMessage, HTTPScope, Message, Send
from structlog.contextvars import bound_contextvars

from ..metering import Meter
from .request_id import HEADER, identify

_ALWAYS: Final = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cache-control": b"no-store",
}
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Door(Litestar):
    """Names each request, times and protects each answer, and answers HEAD wherever GET is answered."""

    def __init__(self, *, meter: Meter | None = None, **rest: Any) -> None:
        super().__init__(**rest)
        self._meter = meter

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != ScopeType.HTTP:
            await super().__call__(scope, receive, send)
            return
        request_id = identify(scope)
        with bound_contextvars(request_id=request_id):
            answer = _protected(_timed(send, scope, self._meter) if self._meter else send, request_id)
            if scope["method"] == "HEAD":
                await self._head(scope, answer)
            else:
                await super().__call__(scope, receive, answer)

    async def _head(self, scope: HTTPScope, send: Send) -> None:
        """As GET answers, without its body: whoever produces one is told that nobody listens any more."""
        answered = Event()

        async def receive() -> HTTPReceiveMessage:
            await answered.wait()
            return {"type": "http.disconnect"}

        asked: Any = {**scope, "method": "GET"}

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["path_template"] = asked.get("path_template", "")
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                answered.set()

        await super().__call__(asked, receive, headers_only)


def _timed(send: Send, scope: Any, meter: Meter) -> Send:
    begun = perf_counter()

    async def answer(message: Message) -> None:
        await send(message)
        if message["type"] == "http.response.start":
            # Of what was not found only that: paths are the caller's, and there are more than anybody can count.
            route = scope.get("path_template") or "none"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            meter.answered(method, route, message["status"], perf_counter() - begun)

    return answer


def _protected(send: Send, request_id: str) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(name.lower(), value) for name, value in message["headers"]]
            present = {name for name, _ in headers}
            headers += [(name, value) for name, value in _ALWAYS.items() if name not in present]
            headers = [(name, _with_head(value) if name == b"allow" else value) for name, value in headers]
            message["headers"] = [*headers, (HEADER, request_id.encode())]
        await send(message)

    return answer


def _with_head(allowed: bytes) -> bytes:
    methods = {method.strip() for method in allowed.split(b",")}
    return b", ".join(sorted(methods | ({b"HEAD"} if b"GET" in methods else set())))
