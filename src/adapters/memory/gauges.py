"""How things stand, in numbers."""

from collections import Counter
from datetime import timedelta
from itertools import islice

from ...application.ports.gauges import LaneStanding
from ...domain.jobs.job import Job
from ...domain.jobs.states import JobState
from .state import State


class MemoryGauges:
    """Counts one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def lanes(self, *, most: int, depth: int, heads: int) -> list[LaneStanding]:
        queues = sorted({job.queue for job in self._state.jobs.values() if job.state is JobState.QUEUED})
        return [self._lane(queue, depth, heads) for queue in queues[:most]]

    def ahead(self, job: Job, most: int) -> int:
        before = (each for each in self._state.queued(job.lane) if (each.rank, each.id) < (job.rank, job.id))
        return len(list(islice(before, most)))

    def states(self, depth: int) -> dict[JobState, int]:
        unfinished = (job.state for _, job in sorted(self._state.jobs.items()) if not job.finished)
        return dict(Counter(islice(unfinished, depth)))

    def stored_output(self) -> int:
        return sum(chunks[-1].end for chunks in self._state.logs.values() if chunks)

    def oldest_snapshot(self) -> timedelta | None:
        return None

    def _lane(self, queue: str, depth: int, heads: int) -> LaneStanding:
        here = (job for job in self._state.jobs.values() if job.state is JobState.QUEUED and job.queue == queue)
        line = sorted(here, key=lambda job: (job.rank, job.id))
        return LaneStanding(queue, len(line[:depth]), min(job.eligible_at for job in line[:heads]))
