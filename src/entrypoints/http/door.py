"""What every request and every answer has in common, whatever the route, even where there is none."""

from asyncio import Event
from time import perf_counter
from typing import Any, Final

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import HTTPReceiveMessage, HTTPScope, Message, Receive, Send
from structlog.contextvars import bound_contextvars

from ..metering import Meter
from .cors import Cors
from .envelope import wrong_with
from .problems import Refused, tell
from .protection import protected
from .request_id import HEADER, identify
from .terms import Terms
from .turnstile import Entry, Turnstile

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Door(Litestar):
    """Names each request, lets it in or not, times and protects its answer, and answers HEAD where GET is answered."""

    def __init__(self, *, meter: Meter | None = None, terms: Terms, **rest: Any) -> None:
        super().__init__(**rest)
        self._meter = meter
        self._methods = {route.path_format: route.methods for route in self.routes}
        self._terms = terms
        self._cors = Cors(terms.origins)
        self._turnstile = Turnstile(terms)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != ScopeType.HTTP:
            await super().__call__(scope, receive, send)
            return
        request_id = identify(scope)
        with bound_contextvars(request_id=request_id):
            answer = self._dressed(_timed(send, scope, self._meter) if self._meter else send, scope, request_id)
            try:
                await self._let_in(scope, receive, answer)
            except Refused as refused:
                await tell(scope, answer, refused)

    async def _let_in(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        wrong = self._terms.hosts.refusal(scope) or wrong_with(scope)
        if wrong is not None:
            raise wrong
        entry = self._turnstile.enter(scope)
        try:
            permitted = self._cors.permission(scope)
            if permitted is not None:
                await send({"type": "http.response.start", "status": 204, "headers": permitted})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            await self._routed(scope, receive, self._watched(send, scope, entry))
        finally:
            self._turnstile.leave(entry)

    async def _routed(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        if scope["method"] != "HEAD":
            await super().__call__(scope, receive, send)
            return
        # As GET answers, without its body: whoever produces one is told that nobody listens any more.
        answered = Event()

        async def gone() -> HTTPReceiveMessage:
            await answered.wait()
            return {"type": "http.disconnect"}

        asked: Any = {**scope, "method": "GET"}

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["path_template"] = asked.get("path_template", "")
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                answered.set()

        await super().__call__(asked, gone, headers_only)

    def _watched(self, send: Send, scope: HTTPScope, entry: Entry) -> Send:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._turnstile.answered(entry, scope, message["status"])
                message["headers"] = [*message["headers"], *entry.headers]
            await send(message)

        return answer

    def _dressed(self, send: Send, scope: HTTPScope, request_id: str) -> Send:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [
                    (name, self._allowed(scope, value) if name == b"allow" else value)
                    for name, value in message["headers"]
                ]
                headers += [*self._cors.headers(scope), (HEADER, request_id.encode())]
                message["headers"] = protected(headers, scope)
            await send(message)

        return answer

    def _allowed(self, scope: HTTPScope, known: bytes) -> bytes:
        """All methods of an address; Litestar tells those of one of its controllers."""
        methods = self._methods.get(scope.get("path_template", ""), {*known.decode().split(", ")})
        return ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])})).encode()


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
