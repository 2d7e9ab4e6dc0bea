"""How things stand, in numbers."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
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

    def lanes(
        self, *, most: int, depth: int, heads: int, projects: AbstractSet[str] | None = None
    ) -> list[LaneStanding]:
        lines = defaultdict[tuple[str, str], list[Job]](list)
        for job in (job for job in self._state.jobs.values() if job.state is JobState.QUEUED):
            project = self._state.specs[job.id].project
            if projects is None or project in projects:
                lines[project, job.queue].append(job)
        return [_standing(*key, line, depth, heads) for key, line in sorted(lines.items(), key=lambda each: each[0])][
            :most
        ]

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


def _standing(project: str, queue: str, jobs: Iterable[Job], depth: int, heads: int) -> LaneStanding:
    line = sorted(jobs, key=lambda job: (job.rank, job.id))
    return LaneStanding(queue, len(line[:depth]), min(job.eligible_at for job in line[:heads]), project)
