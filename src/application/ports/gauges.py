"""How things stand, in numbers. Every question costs a bounded effort, however much there is."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.jobs.job import Job
from ...domain.jobs.states import JobState


@dataclass(frozen=True, slots=True)
class LaneStanding:
    """How many jobs wait in a queue, and since when the one that became eligible first."""

    queue: str
    waiting: int
    oldest: datetime
    project: str = DEFAULT_PROJECT


class GaugeReading(Protocol):
    """The store in numbers."""

    def lanes(
        self, *, most: int, depth: int, heads: int, projects: AbstractSet[str] | None = None
    ) -> list[LaneStanding]:
        """Up to `most` queues in which something waits, by project and name. None counts further than `depth`.

        Only those of these projects, if any are named. The oldest is found among the `heads` that are next in line in
        each lane.
        """

    def ahead(self, job: Job, most: int) -> int:
        """How many queued jobs stand before this one in its line, or would; counting no further than `most`."""

    def states(self, depth: int) -> dict[JobState, int]:
        """How many unfinished jobs are in each state, counting no more than `depth` in all."""

    def stored_output(self) -> int:
        """Bytes of output stored."""

    def oldest_snapshot(self) -> timedelta | None:
        """How long the oldest look at the database has lasted, if that is known: it keeps what is dead from going."""
