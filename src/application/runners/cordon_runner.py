"""Cordon a runner: no new work until somebody lifts it."""

from dataclasses import dataclass

from ...domain.runners.availability import AvailabilityAction
from ..ports.work import Begin, RunnersWork
from .changing import changed
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CordonRunnerCommand:
    """The runner, by id or name, and why."""

    runner: str
    note: str | None = None


class CordonRunner:
    """When this returns, nothing more is claimed for the runner. What runs there goes on."""

    def __init__(self, begin: Begin[RunnersWork]) -> None:
        self._begin = begin

    def execute(self, command: CordonRunnerCommand) -> RunnerStatus:
        """The runner, closed. Of a drain this lifts the deadline."""
        return changed(
            self._begin,
            command.runner,
            lambda runner, now: runner.decided(AvailabilityAction.CORDON, now=now, note=command.note),
        )
