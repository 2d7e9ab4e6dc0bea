"""The door for runners: whoever presents a token of a runner. It opens nothing else, and no other token opens this."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any, Final

from litestar import Request
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
_AGAIN: Final = "runyard.runner.again"
_MOST: Final = 10_000
_Authenticate = UseCase[AuthenticateAgentCommand, RunnerActor]

Self_ = NamedDependency[SkipValidation[RunnerActor]]
"""The runner that speaks."""


class Admitted:
    """Who was let in by which token, as digests, for those doors behind which the store is asked about it anyway."""

    def __init__(self) -> None:
        self._actors: dict[str, RunnerActor] = {}

    def keep(self, digest: str, actor: RunnerActor) -> None:
        """It was right just now."""
        self._actors.pop(digest, None)
        self._actors[digest] = actor
        if len(self._actors) > _MOST:
            del self._actors[next(iter(self._actors))]

    def get(self, digest: str) -> RunnerActor | None:
        """Whose token it was."""
        return self._actors.get(digest)

    def forget(self, digest: str) -> None:
        """It is to be looked at anew."""
        self._actors.pop(digest, None)


class AgentAuthentication(ASGIMiddleware):
    """Lets nobody past but a runner with a token of this kind, asked of the store each time.

    With `admitted` whoever is in there is let past unasked, to handlers that hear the agent (`HearAgent`) first of all:
    that looks at the pass where it writes anyway.
    """

    def __init__(self, authenticate: _Authenticate, kind: PassKind, admitted: Admitted | None = None) -> None:
        self._authenticate: Callable[[], _Authenticate] = lambda: authenticate  # Litestar copies what it is given
        self._admitted: Callable[[], Admitted | None] = lambda: admitted
        self._kind = kind

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        shown = presented([value for name, value in scope["headers"] if name.lower() == b"authorization"])
        if shown is None:
            what = "registration token (ryj_…)" if self._kind is PassKind.JOIN else "runner token (ryr_…)"
            raise PassRefused(f"this needs a {what}: `Authorization: Bearer <token>`")
        admitted, digest = self._admitted(), sha256(shown.encode()).hexdigest()
        command = AuthenticateAgentCommand(presented=shown, kind=self._kind, address=address_of(scope))

        async def asked() -> RunnerActor:
            if admitted is not None:
                admitted.forget(digest)
            actor = await sync_to_thread(unhurried, partial(self._authenticate().execute, command))
            if admitted is not None:
                admitted.keep(digest, actor)
            return actor

        known = None if admitted is None else admitted.get(digest)
        scope["state"][_ACTOR] = known or await asked()
        scope["state"][_AGAIN] = asked
        await next_app(scope, receive, send)


async def asked_again(request: Request[Any, Any, Any]) -> None:
    """For one that was let past and is refused all the same: as if it came for the first time, alarms included."""
    await request.scope["state"][_AGAIN]()


def the_runner() -> Provide:
    """Whoever came past this door."""

    def actor(scope: Scope) -> Any:
        return scope["state"][_ACTOR]

    return Provide(actor, sync_to_thread=False)
