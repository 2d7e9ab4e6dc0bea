"""Get one runner."""

from dataclasses import dataclass

from ..ports.work import Begin, Reading
from .status import RunnerStatus, status_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRunnerCommand:
    """The runner, by id or name."""

    runner: str


class GetRunner:
    """Reads a runner as it is now."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, command: GetRunnerCommand) -> RunnerStatus:
        """The runner, or `RunnerNotFound`."""
        with self._read() as reading:
            return status_of(reading.runners.get(command.runner), reading.now())
