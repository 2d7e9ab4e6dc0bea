"""The passes of runners of kind `agent`."""

from datetime import datetime
from typing import Protocol

from ...domain.accounts.ids import TokenId
from ...domain.runners.ids import RunnerId
from ...domain.runners.passes import RunnerPass
from .jobs import DispatchReading
from .projects import ProjectReading
from .runners import RunnerReading, Runners
from .work import Transaction


class PassReading(Protocol):
    """Passes as they are read."""

    def get(self, pass_id: TokenId) -> RunnerPass | None:
        """The pass, or None: there is none."""

    def of(self, runner_id: RunnerId) -> list[RunnerPass]:
        """All passes of the runner, the oldest first."""


class Passes(PassReading, Protocol):
    """Passes as use cases change them: whoever does has locked their runner. Writes live and die with the unit of work.

    A runner that is removed takes its passes along.
    """

    def add(self, runner_pass: RunnerPass) -> None:
        """Store a new pass."""

    def save(self, runner_pass: RunnerPass) -> None:
        """Store the values of a pass that is there."""

    def forget(self, runner_id: RunnerId, expired_before: datetime) -> None:
        """Remove those of the runner that expired before this moment."""


class PassesWork(Transaction, Protocol):
    """A transaction over passes and their runners."""

    @property
    def passes(self) -> Passes:
        """The passes, to change."""

    @property
    def runners(self) -> Runners:
        """Their runners, to change."""

    @property
    def projects(self) -> ProjectReading:
        """Whose they are."""


class HearingWork(PassesWork, Protocol):
    """The same where it is told, too, how many attempts live on a runner."""

    @property
    def reading(self) -> DispatchReading:
        """The jobs, to look at, in the same transaction."""


class PassesReading(Protocol):
    """A consistent look at passes and their runners."""

    def now(self) -> datetime:
        """The time by the store's clock, with zone."""

    @property
    def passes(self) -> PassReading:
        """The passes."""

    @property
    def runners(self) -> RunnerReading:
        """Their runners."""
