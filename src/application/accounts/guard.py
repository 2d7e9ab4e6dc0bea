"""The guard: a use case that asks who is calling, each time, before it does anything."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ...domain.accounts.access import Actor
from ..ports.calling import UseCase
from ..ports.work import Begin
from .requiring import GuardReading
from .rules import RULES

C = TypeVar("C")
R = TypeVar("R")


class Who(Protocol):
    """Somebody who calls."""

    @property
    def name(self) -> str:
        """The name of the account, which never changes."""

    def __call__(self) -> Actor:
        """Who it is as of now, or `Unauthenticated` once the token does not open the door any more."""


@dataclass(frozen=True, slots=True)
class Always:
    """Somebody who needs no token: who has the data directory has everything."""

    actor: Actor

    @property
    def name(self) -> str:
        """The name of the account."""
        return self.actor.name

    def __call__(self) -> Actor:
        """The same each time."""
        return self.actor


class Guarded(Generic[C, R]):
    """All that a door ever has of a use case. A command without a rule is never executed."""

    def __init__(self, inner: UseCase[C, R], who: Who, read: Begin[GuardReading]) -> None:
        self._inner = inner
        self._who = who
        self._read = read

    def execute(self, command: C, /) -> R:
        """What the use case does, if this actor may have it done: `Forbidden`, or as if there were nothing, if not."""
        rule = RULES[type(command)]
        return self._inner.execute(rule(self._who(), command, self._read))
