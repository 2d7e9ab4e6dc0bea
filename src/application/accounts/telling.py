"""The audit trail around use cases: who has them executed, and who was refused."""

from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from ...domain.accounts.access import OPERATING_ACCOUNT, Actor
from ...domain.accounts.errors import Unauthenticated
from ...domain.audit.entry import HERE, Doer
from ...domain.errors import Refusal, RunyardError
from ..audit.acting import Acting, acting, doer
from ..audit.record_refusal import RecordRefusalCommand
from ..ports.calling import UseCase
from .deeds import DEEDS, LOOKS

C = TypeVar("C")
R = TypeVar("R")

Refusals = UseCase[RecordRefusalCommand, None]
"""Where refusals are told."""


class FromSomewhere(Protocol):
    """What somebody asks of whom nothing is known yet."""

    @property
    def address(self) -> str | None:
        """Where from."""


S = TypeVar("S", bound=FromSomewhere)


class AtTheDoor(Generic[S, R]):
    """A use case that finds out who somebody is; whom it turns away, and whom it gives a token, the trail tells."""

    def __init__(self, inner: UseCase[S, R], refusals: Refusals) -> None:
        self._inner = inner
        self._refusals = refusals

    def execute(self, command: S, /) -> R:
        """What the use case does, or `Unauthenticated`."""
        deed = DEEDS.get(type(command))
        try:
            with acting(Acting(deed, command, None, command.address) if deed else None):
                return self._inner.execute(command)
        except Unauthenticated as refused:
            self._tell(command, refused)
            raise

    def _tell(self, command: S, refused: Unauthenticated) -> None:
        presented, deed = refused.presented, DEEDS.get(type(command)) or LOOKS[type(command)]
        if presented is not None:
            self._refusals.execute(
                RecordRefusalCommand(
                    deed=deed,
                    doer=Doer(token=presented.token),
                    account=presented.account,
                    address=command.address or HERE,
                    reason=presented.why,
                )
            )


class ByHand(Generic[C, R]):
    """A use case of somebody who has the store itself; `address` is where they call from."""

    def __init__(self, inner: UseCase[C, R], address: str = HERE) -> None:
        self._inner = inner
        self._actor = replace(OPERATING_ACCOUNT, address=address)

    def execute(self, command: C, /) -> R:
        """What the use case does."""
        with acting(told_of(self._actor, command)):
            return self._inner.execute(command)


def told_of(actor: Actor, command: object) -> Acting | None:
    """As whom the trail knows what this actor has done with this command, if it tells of it."""
    deed = DEEDS.get(type(command))
    return Acting(deed, command, actor) if deed else None


def tell_refusal(refusals: Refusals, actor: Actor, command: object, refused: RunyardError) -> None:
    """Tell it, if it is because of who asked: forbidden, or hidden from somebody."""
    hidden = refused.refusal is Refusal.NOT_FOUND and not actor.instance_admin
    deed = DEEDS.get(type(command)) or LOOKS.get(type(command))
    if deed is None or not (hidden or refused.refusal is Refusal.FORBIDDEN):
        return
    deeds = Acting(deed, command, actor)
    refusals.execute(
        RecordRefusalCommand(
            deed=deed,
            doer=doer(actor),
            address=deeds.origin,
            reason=refused.code.replace("-", "_"),
            named=deeds.said(deed.named_by),
            project=deeds.said("project"),
        )
    )
