"""Who is having what done just now, as whoever writes the trail has to know."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from ...domain.accounts.access import Actor
from ...domain.accounts.ids import TokenId
from ...domain.accounts.permissions import Permission
from ...domain.audit.entry import HERE, Doer


@dataclass(frozen=True, slots=True)
class Deed:
    """What the trail knows of a use case: its name, the least permission it takes, and the kind of thing it is done to.

    `named_by` is the field of its command that says which one. Of a deed that is done in several transactions each
    that changes something has an entry, unless it is told `once`: then the first one has. One that is `quiet` is told
    if something is different since, and not for its own sake.
    """

    action: str
    kind: str
    permission: Permission | None = None
    named_by: str | None = None
    once: bool = False
    quiet: bool = False


@dataclass(slots=True)
class Acting:
    """A deed while it is done. Without an actor it is somebody's whom the deed itself makes known, by this `token`."""

    deed: Deed
    command: object
    actor: Actor | None
    address: str | None = None
    token: TokenId | None = None
    written: bool = False

    @property
    def doer(self) -> Doer:
        """Who it is."""
        return doer(self.actor)

    @property
    def origin(self) -> str:
        """Where from."""
        return (self.actor.address if self.actor else self.address) or HERE

    def said(self, name: str | None) -> str | None:
        """A field of the command, if it has one of this name and says something there."""
        value = getattr(self.command, name, None) if name else None
        return value if isinstance(value, str) else None


_NOW: Final[ContextVar[Acting | None]] = ContextVar("acting", default=None)


@contextmanager
def acting(as_who: Acting | None) -> Iterator[None]:
    """In here, in this thread, this is done by them; None is what the trail does not tell."""
    before = _NOW.set(as_who)
    try:
        yield
    finally:
        _NOW.reset(before)


def who_acts() -> Acting | None:
    """Whose deed this is, if it is one that the trail tells."""
    return _NOW.get()


def doer(actor: Actor | None) -> Doer:
    """The actor, as an entry names them."""
    return Doer() if actor is None else Doer(name=actor.name, kind=actor.kind, token=actor.token)
