"""Drain a runner: no new work, and what runs there may finish, by a deadline if one is given."""

from dataclasses import dataclass

from ...domain.ends import NEVER, End
from ...domain.runners.availability import AvailabilityAction
from ..ports.work import Begin, RunnersWork
from .changing import changed
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainRunnerCommand:
    """The runner, by id or name, by when it must be empty, and why."""

    runner: str
    deadline: End = NEVER
    note: str | None = None


class DrainRunner:
    """When this returns, nothing more is claimed for the runner. `LookAfterRunners` keeps the deadline."""

    def __init__(self, begin: Begin[RunnersWork]) -> None:
        self._begin = begin

    def execute(self, command: DrainRunnerCommand) -> RunnerStatus:
        """The runner, draining. Draining again replaces the deadline."""
        deadline, note = command.deadline, command.note
        return changed(
            self._begin,
            command.runner,
            lambda runner, now: runner.decided(AvailabilityAction.DRAIN, now=now, until=deadline.at(now), note=note),
        )
