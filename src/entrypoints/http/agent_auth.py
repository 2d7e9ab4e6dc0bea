"""The door for runners: whoever presents a token of a runner. It opens nothing else, and no other token opens this."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.middleware import ASGIMiddleware
from litestar.params import SkipValidation
from litestar.types import ASGIApp, Receive, Scope, Send

from ...application.ports.calling import UseCase
from ...application.runners.authenticate_agent import AuthenticateAgentCommand, RunnerActor
from ...domain.runners.passes import PassKind, PassRefused
from .auth import address_of, presented
from .unhurried import unhurried

_ACTOR: Final = "runyard.runner"
_Authenticate = UseCase[AuthenticateAgentCommand, RunnerActor]

Self_ = NamedDependency[SkipValidation[RunnerActor]]
"""The runner that speaks."""


class AgentAuthentication(ASGIMiddleware):
    """Lets nobody past but a runner with a token of this kind, asked of the store each time."""

    def __init__(self, authenticate: _Authenticate, kind: PassKind) -> None:
        self._authenticate: Callable[[], _Authenticate] = lambda: authenticate  # Litestar copies what it is given
        self._kind = kind

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        shown = presented([value for name, value in scope["headers"] if name.lower() == b"authorization"])
        if shown is None:
            what = "registration token (ryj_…)" if self._kind is PassKind.JOIN else "runner token (ryr_…)"
            raise PassRefused(f"this needs a {what}: `Authorization: Bearer <token>`")
        command = AuthenticateAgentCommand(presented=shown, kind=self._kind, address=address_of(scope))
        scope["state"][_ACTOR] = await sync_to_thread(unhurried, partial(self._authenticate().execute, command))
        await next_app(scope, receive, send)


def the_runner() -> Provide:
    """Whoever came past this door."""

    def actor(scope: Scope) -> Any:
        return scope["state"][_ACTOR]

    return Provide(actor, sync_to_thread=False)
