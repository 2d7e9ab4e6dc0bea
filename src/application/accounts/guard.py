"""The guard: a use case that asks who is calling, each time, before it does anything."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ...domain.accounts.access import Actor
from ...domain.errors import RunyardError
from ..audit.acting import acting
from ..ports.calling import UseCase
from ..ports.work import Begin
from .requiring import GuardReading
from .rules import RULES
from .telling import Refusals, tell_refusal, told_of

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
    """All that a door ever has of a use case. A command without a rule is never executed; who did it, and who was
    refused, the audit trail learns here.
    """

    def __init__(self, inner: UseCase[C, R], who: Who, read: Begin[GuardReading], refusals: Refusals) -> None:
        self._inner = inner
        self._who = who
        self._read = read
        self._refusals = refusals

    def execute(self, command: C, /) -> R:
        """What the use case does, if this actor may have it done: `Forbidden`, or as if there were nothing, if not."""
        rule, actor = RULES[type(command)], self._who()
        try:
            allowed = rule(actor, command, self._read)
            with acting(told_of(actor, allowed)):
                return self._inner.execute(allowed)
        except RunyardError as refused:
            tell_refusal(self._refusals, actor, command, refused)
            raise
