"""Uncordon a runner: whatever closed it, it takes new work again."""

from dataclasses import dataclass

from ...domain.runners.availability import AvailabilityAction
from ..ports.rings import READY, Rings, about_runner
from ..ports.work import Begin, RunnersWork
from .changing import changed
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class UncordonRunnerCommand:
    """The runner, by id or name."""

    runner: str


class UncordonRunner:
    """Lifts a cordon, a pause or a drain."""

    def __init__(self, begin: Begin[RunnersWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: UncordonRunnerCommand) -> RunnerStatus:
        """The runner, open. Jobs that a drain has already ended stay ended."""
        status = changed(
            self._begin, command.runner, lambda runner, now: runner.decided(AvailabilityAction.UNCORDON, now=now)
        )
        self._rings.ring({READY, about_runner(status.runner.id)})
        return status
