"""What rules are made of: a look at whose something is, and the question whether an actor may."""

from collections.abc import Callable
from typing import Any, Protocol

from ...domain.accounts.access import INSTANCE, Actor, Resource, Verdict, authorize, refusal
from ...domain.accounts.permissions import Permission
from ...domain.errors import RunyardError
from ..ports.jobs import BelongingReading
from ..ports.runners import RunnerReading
from ..ports.work import Begin


class GuardReading(Protocol):
    """What a rule looks at to learn whose something is."""

    @property
    def jobs(self) -> BelongingReading:
        """The jobs."""

    @property
    def runners(self) -> RunnerReading:
        """The runners."""


Rule = Callable[[Actor, Any, Begin[GuardReading]], Any]


def require(actor: Actor, action: Permission, resource: Resource | None, hidden: RunyardError) -> None:
    """Nothing, if the actor may; `Forbidden` if not; `hidden` if there is no such thing, or not for this actor."""
    verdict = Verdict.HIDDEN if resource is None else authorize(actor, action, resource)
    if verdict is Verdict.HIDDEN or resource is None:
        raise hidden
    if verdict is Verdict.FORBIDDEN:
        raise refusal(actor, action, resource)


def require_of_instance(actor: Actor, action: Permission) -> None:
    """Nothing, if the actor may do that on the instance, or `Forbidden`."""
    if authorize(actor, action, INSTANCE) is not Verdict.ALLOWED:
        raise refusal(actor, action, INSTANCE)
