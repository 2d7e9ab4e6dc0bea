"""The audit trail around what a runner has done by its own token: it is nobody's account."""

from typing import Final, Generic, Protocol, TypeVar

from ...domain.accounts.ids import TokenId
from ...domain.audit.entry import HERE, Doer
from ...domain.runners.errors import RunnerDrivenElsewhere, Shown
from ...domain.runners.passes import PassRefused
from ..audit.acting import Acting, Deed, acting
from ..audit.record_refusal import RecordRefusalCommand
from ..audit.things import RUNNER
from ..ports.calling import UseCase

R = TypeVar("R")

AUTHENTICATING: Final = Deed("authenticate_agent", RUNNER, quiet=True)
"""Told if it ends the tokens of the machine that was there before."""
REGISTERING: Final = Deed("register_agent", RUNNER)
ROTATING: Final = Deed("rotate_agent", RUNNER)
OPENING: Final = Deed("open_session", RUNNER, quiet=True)
"""Told if it is another machine since the last time."""


class Shows(Protocol):
    """What a runner asks."""

    @property
    def address(self) -> str | None:
        """Where from."""

    @property
    def pass_id(self) -> TokenId | None:
        """The id of what it showed."""


S = TypeVar("S", bound=Shows)


class ByItself(Generic[S, R]):
    """A use case that runners have executed for themselves; what they do, and who is turned away, the trail tells."""

    def __init__(self, inner: UseCase[S, R], deed: Deed, refusals: UseCase[RecordRefusalCommand, None]) -> None:
        self._inner = inner
        self._deed = deed
        self._refusals = refusals

    def execute(self, command: S, /) -> R:
        """What the use case does; `PassRefused`, or `RunnerDrivenElsewhere`."""
        try:
            with acting(Acting(self._deed, command, None, command.address, command.pass_id)):
                return self._inner.execute(command)
        except (PassRefused, RunnerDrivenElsewhere) as refused:
            self._tell(command, refused.shown)
            raise

    def _tell(self, command: S, shown: Shown | None) -> None:
        if shown is not None and not shown.told:
            self._refusals.execute(
                RecordRefusalCommand(
                    deed=self._deed,
                    doer=Doer(token=shown.pass_id),
                    runner=shown.runner_id,
                    address=command.address or HERE,
                    reason=shown.why,
                )
            )
