"""List all runners."""

from dataclasses import dataclass

from ..ports.work import Begin, Reading
from .status import RunnerStatus, status_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRunnersCommand:
    """All of them: there are as many as there are machines."""


class ListRunners:
    """Reads every runner as it is now."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, _command: ListRunnersCommand) -> list[RunnerStatus]:
        """The runners, by name."""
        with self._read() as reading:
            now = reading.now()
            return [status_of(record, now) for record in reading.runners.all()]
