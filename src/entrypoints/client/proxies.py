"""Connections through whatever proxy the environment names, which may be one that cannot be used."""

from collections.abc import Callable

import httpx2

from .errors import RunyardClientError

_SAID = "the proxy that the environment names (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) cannot be used"
_ADVICE = "Name one as http://HOST:PORT, or leave this server out of it with NO_PROXY."


def opened(make: Callable[[], httpx2.Client]) -> httpx2.Client:
    """What is made, or an error that says what to do; the address of a proxy may hold a password, and is not in it."""
    try:
        return make()
    except (ImportError, ValueError, httpx2.InvalidURL):
        raise RunyardClientError(_SAID, code="bad-proxy", advice=_ADVICE, status=400) from None
