"""Who may come in: whoever presents a token that opens the door. What they may do there, the guard decides."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from litestar.concurrency import sync_to_thread
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from ...application.accounts.guard import Who
from ...domain.accounts.errors import Unauthenticated
from ..doorkeeper import Bearer, Doorkeeper
from .unhurried import unhurried

_SCHEME: Final = b"bearer "
_WHO: Final = "runyard.who"


class Authentication(ASGIMiddleware):
    """Lets nobody past without a token. It stands before everything below it, bodies included."""

    def __init__(self, doorkeeper: Doorkeeper) -> None:
        self._doorkeeper: Callable[[], Doorkeeper] = lambda: (
            doorkeeper
        )  # Litestar copies what middleware is made of, but no function

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        shown = presented([value for name, value in scope["headers"] if name.lower() == b"authorization"])
        if shown is None:
            raise Unauthenticated("this needs a token: `Authorization: Bearer <token>`")
        keeper = self._doorkeeper()
        address = address_of(scope)
        actor = keeper.remembered(shown)
        if actor is None:
            actor = await sync_to_thread(unhurried, partial(keeper.admit, shown, address))
        scope["state"][_WHO] = Bearer(keeper, shown, actor.name, address)
        await next_app(scope, receive, send)


def address_of(scope: Any) -> str | None:
    """Where a request comes from; behind a proxy that is trusted, what that one says."""
    client = scope.get("client")
    return client[0] if client else None


def who_asks(scope: Any) -> Who | None:
    """Whoever came past the door with this request; None where there is no door."""
    who: Who | None = scope["state"].get(_WHO)
    return who


def presented(values: Sequence[bytes]) -> str | None:
    """The token in the one header that has one."""
    if len(values) != 1 or not values[0].lower().startswith(_SCHEME):
        return None
    return values[0][len(_SCHEME) :].strip().decode("latin-1") or None
