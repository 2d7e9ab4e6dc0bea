"""Find crowds: where jobs wait that may be claimed now."""

from dataclasses import dataclass

from ...domain.jobs.queues import held_back
from ..ports.crowds import Crowd, CrowdsReading
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class FindCrowdsCommand:
    """Count each up to so many."""

    most: int


class FindCrowds:
    """Reads, and claims nothing."""

    def __init__(self, read: Begin[CrowdsReading]) -> None:
        self._read = read

    def execute(self, command: FindCrowdsCommand) -> list[Crowd]:
        """The lanes in which something waits, but for those of queues that are held back."""
        with self._read() as reading:
            held = held_back(reading.queues.all(), reading.now())
            found = reading.crowds.all(command.most)
        return [each for each in found if (each.lane.project, each.lane.queue) not in held]
