"""Read gauges: how everything stands, for those who draw curves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...domain.jobs.states import JobState
from ..ports.gauges import LaneStanding
from ..ports.runners import RunnerRecord
from ..ports.work import AuditReading, Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadGaugesCommand:
    """No more than so many queues, jobs and heads of queues are looked at."""

    lanes: int = 200
    depth: int = 100_000
    heads: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """`runners` come with the slots that are taken. A count that reached its limit says that there are more."""

    now: datetime
    lanes: tuple[LaneStanding, ...]
    states: Mapping[JobState, int]
    runners: tuple[RunnerRecord, ...]
    stored_output: int
    oldest_snapshot: timedelta | None


class ReadGauges:
    """Reads all gauges in one look at the store."""

    def __init__(self, read: Begin[AuditReading]) -> None:
        self._read = read

    def execute(self, command: ReadGaugesCommand) -> Gauges:
        """The gauges."""
        with self._read() as reading:
            gauges = reading.gauges
            return Gauges(
                now=reading.now(),
                lanes=tuple(gauges.lanes(most=command.lanes, depth=command.depth, heads=command.heads)),
                states=gauges.states(command.depth),
                runners=tuple(reading.runners.all()),
                stored_output=gauges.stored_output(),
                oldest_snapshot=gauges.oldest_snapshot(),
            )
