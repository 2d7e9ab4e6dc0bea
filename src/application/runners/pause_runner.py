"""Pause a runner: no new work until a moment, then as before."""

from dataclasses import dataclass

from ...domain.ends import End
from ...domain.errors import FieldProblem
from ...domain.runners.availability import AvailabilityAction
from ...domain.runners.errors import InvalidRunner
from ..ports.work import Begin, RunnersWork
from .changing import changed
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRunnerCommand:
    """The runner, by id or name, when the pause ends, and why there is one."""

    runner: str
    end: End
    note: str | None = None

    def __post_init__(self) -> None:
        if self.end.until is None and self.end.seconds is None:
            advice = "a pause ends by itself: give `until` or `seconds`, or cordon the runner"
            raise InvalidRunner([FieldProblem("/until", advice)])


class PauseRunner:
    """When this returns, nothing more is claimed for the runner until the pause is over. What runs there goes on."""

    def __init__(self, begin: Begin[RunnersWork]) -> None:
        self._begin = begin

    def execute(self, command: PauseRunnerCommand) -> RunnerStatus:
        """The runner, paused. Pausing again moves the end."""
        end, note = command.end, command.note
        return changed(
            self._begin,
            command.runner,
            lambda runner, now: runner.decided(AvailabilityAction.PAUSE, now=now, until=end.at(now), note=note),
        )
