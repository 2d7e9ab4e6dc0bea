"""Who holds which token: asked of the store, and remembered for a moment; a revocation counts within seconds."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from threading import Lock
from time import monotonic
from typing import Final

from ..application.accounts.authenticate import AuthenticateCommand
from ..application.ports.calling import UseCase
from ..domain.accounts.access import OPERATING_ACCOUNT, Actor

REMEMBERED_SECONDS: Final = 2.0
"""A revoked token opens no door of any process after so long."""

_MOST: Final = 10_000


class Doorkeeper:
    """Knows the admin token by its hash, and all others by asking. Thread-safe."""

    def __init__(self, authenticate: UseCase[AuthenticateCommand, Actor], admin_token: str) -> None:
        self._authenticate = authenticate
        self._admin = sha256(admin_token.encode()).digest()
        self._known: dict[bytes, tuple[float, Actor]] = {}
        self._lock = Lock()

    def remembered(self, presented: str) -> Actor | None:
        """Who it is, if that was found out a moment ago; never waits."""
        digest = sha256(presented.encode()).digest()
        if hmac.compare_digest(digest, self._admin):
            return OPERATING_ACCOUNT
        until, actor = self._known.get(digest, (0.0, None))
        return actor if monotonic() < until else None

    def admit(self, presented: str, address: str | None = None) -> Actor:
        """Who it is as of now, or `Unauthenticated`, which is told of this address. May ask the store."""
        actor = self.remembered(presented)
        if actor is None:
            asked = monotonic()
            actor = self._authenticate.execute(AuthenticateCommand(presented=presented, address=address))
            with self._lock:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[sha256(presented.encode()).digest()] = (asked + REMEMBERED_SECONDS, actor)
        return actor


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever presents this token from this address, asked anew each time: a stream ends when its token does."""

    doorkeeper: Doorkeeper
    presented: str = field(repr=False)
    name: str
    address: str | None = None

    def __call__(self) -> Actor:
        """Who it is as of now, or `Unauthenticated`."""
        return replace(self.doorkeeper.admit(self.presented, self.address), address=self.address)


def only(token: str) -> Callable[[str], bool]:
    """This token and no other. Only its hash is kept; comparing takes the same time whatever is presented."""
    expected = sha256(token.encode()).digest()

    def opens(presented: str) -> bool:
        return hmac.compare_digest(sha256(presented.encode()).digest(), expected)

    return opens
