"""Get one runner."""

from dataclasses import dataclass

from ...domain.runners.errors import RunnerNotFound
from ..ports.work import Begin, Reading
from .status import RunnerStatus, seen_from, status_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRunnerCommand:
    """The runner, by id or name, as it is seen from these projects; from everywhere if none are named."""

    runner: str
    projects: frozenset[str] | None = None


class GetRunner:
    """Reads a runner as it is now."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, command: GetRunnerCommand) -> RunnerStatus:
        """The runner, or `RunnerNotFound`."""
        with self._read() as reading:
            seen = seen_from(command.projects, status_of(reading.runners.get(command.runner), reading.now()))
        if seen is None:
            raise RunnerNotFound(command.runner)
        return seen
