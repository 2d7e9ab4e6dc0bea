"""Who may come in: whoever presents a token that opens the door."""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from ...domain.errors import Refusal, RunyardError
from .provided import Authenticate

_SCHEME: Final = b"bearer "


class Unauthenticated(RunyardError):
    """No token, or not one that opens the door."""

    refusal = Refusal.UNAUTHENTICATED
    code = "unauthenticated"


def only(token: str) -> Authenticate:
    """This token and no other. Only its hash is kept; comparing takes the same time whatever is presented."""
    expected = sha256(token.encode()).digest()

    def authenticate(presented: str) -> bool:
        return hmac.compare_digest(sha256(presented.encode()).digest(), expected)

    return authenticate


class Authentication(ASGIMiddleware):
    """Lets nobody past without a token. It stands before everything below it, bodies included."""

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        presented = _presented([value for name, value in scope["headers"] if name.lower() == b"authorization"])
        if presented is None:
            raise Unauthenticated("this needs a token: `Authorization: Bearer <token>`")
        if not self._authenticate(presented):
            raise Unauthenticated("this token does not open the door")
        await next_app(scope, receive, send)


def _presented(values: Sequence[bytes]) -> str | None:
    if len(values) != 1 or not values[0].lower().startswith(_SCHEME):
        return None
    return values[0][len(_SCHEME) :].strip().decode("latin-1") or None
