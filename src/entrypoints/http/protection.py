"""What every answer carries so that a browser does nothing with it that was not meant."""

from collections.abc import Iterable
from typing import Final

from litestar.types import HTTPScope

from .headers import sent_once

Headers = list[tuple[bytes, bytes]]

ALWAYS: Final = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}
_ONLY_TLS: Final = (b"strict-transport-security", b"max-age=31536000")
_THIS_MACHINE: Final = (b"localhost", b"127.", b"[::1]")


def protected(headers: Iterable[tuple[bytes, bytes]], scope: HTTPScope) -> Headers:
    """These headers, and of those that belong to every answer the ones that are missing."""
    given = [(name.lower(), value) for name, value in headers]
    present = {name for name, _ in given}
    missing = [(name, value) for name, value in ALWAYS.items() if name not in present]
    return [*given, *missing, *([_ONLY_TLS] if _for_tls_alone(scope) else [])]


def _for_tls_alone(scope: HTTPScope) -> bool:
    """A browser remembers it for all ports of the name, so not for that of this machine itself."""
    return scope["scheme"] == "https" and not (sent_once(scope, b"host") or b"").lower().startswith(_THIS_MACHINE)
