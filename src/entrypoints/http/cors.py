"""Web pages of others that may use the API from a browser. There are none unless the settings name them."""

from typing import Final

from litestar.types import HTTPScope

from .headers import sent_once

_METHODS: Final = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_MAY_SEND: Final = (
    b"Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, X-Request-ID"
)
_MAY_READ: Final = b"ETag, Link, Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
_REMEMBERED_SECONDS: Final = b"600"

Headers = list[tuple[bytes, bytes]]


class Cors:
    """Tokens are the only way in, and browsers do not send them by themselves: credentials are never allowed."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = {origin.encode() for origin in origins}

    def headers(self, scope: HTTPScope) -> Headers:
        """What the answer carries for the page that asks, and for the caches in between."""
        if not self._origins:
            return []
        origin = sent_once(scope, b"origin")
        if origin is None or origin not in self._origins:
            return [(b"vary", b"origin")]
        return [
            (b"vary", b"origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", _MAY_READ),
            (b"cross-origin-resource-policy", b"cross-origin"),
        ]

    def permission(self, scope: HTTPScope) -> Headers | None:
        """The answer to a browser that asks beforehand; None if it does not, or for a page that may not."""
        asks = scope["method"] == "OPTIONS" and sent_once(scope, b"access-control-request-method")
        if not asks or sent_once(scope, b"origin") not in self._origins:
            return None
        return [
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _MAY_SEND),
            (b"access-control-max-age", _REMEMBERED_SECONDS),
        ]
