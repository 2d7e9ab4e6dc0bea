"""List all runners."""

from dataclasses import dataclass

from ..ports.work import Begin, Reading
from .status import RunnerStatus, seen_from, status_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRunnersCommand:
    """Those that are there for one of these projects; all of them if none are named."""

    projects: frozenset[str] | None = None


class ListRunners:
    """Reads every runner as it is now."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, command: ListRunnersCommand) -> list[RunnerStatus]:
        """The runners, by name."""
        with self._read() as reading:
            now = reading.now()
            seen = (seen_from(command.projects, status_of(record, now)) for record in reading.runners.all())
            return [status for status in seen if status is not None]
