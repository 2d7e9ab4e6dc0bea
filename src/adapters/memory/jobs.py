"""Jobs as use cases change them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from ...application.ports.jobs import Change, LaneShare, NewJob
from ...domain.jobs.errors import StaleJobs
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from .state import State


class MemoryJobs:
    """The whole store is held by one unit of work at a time, so every job in it is locked."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now

    def add_all(self, jobs: Sequence[NewJob]) -> None:
        for new in jobs:
            self._state.put(new.job)
            self._state.specs[new.job.id] = new.spec
            self._state.lanes[new.spec.lane.key] = new.spec.lane

    def take(self, shares: Sequence[LaneShare], k: int) -> list[Job]:
        taken: dict[JobId, Job] = {}
        for share in shares:
            waiting = sorted(self._state.queued(share.lane), key=lambda job: (job.rank, job.id))
            above = (job for job in waiting if share.floor is None or job.rank >= share.floor)
            taken |= {job.id: job for job in islice(above, share.most)}
        return list(taken.values())[:k]

    def lock(self, ids: Collection[JobId]) -> list[Job]:
        return [self._state.jobs[job_id] for job_id in sorted(set(ids)) if job_id in self._state.jobs]

    def lock_due(self, k: int) -> list[Job]:
        now = self._now()
        due = [(job.due_at, job.id, job) for job in self._state.jobs.values() if job.due_at and job.due_at <= now]
        return [job for _, _, job in sorted(due, key=lambda entry: entry[:2])[:k]]

    def save_all(self, changes: Sequence[Change]) -> None:
        moved = [change for change in changes if change.before != change.after]
        ids = [change.before.id for change in moved]
        stale = [change.before.id for change in moved if not self._current(change.before)]
        if stale or len(set(ids)) < len(ids):
            raise StaleJobs(stale or sorted({job_id for job_id in ids if ids.count(job_id) > 1}))
        for change in moved:
            self._state.put(replace(change.after, version=change.before.version + 1))

    def _current(self, before: Job) -> bool:
        stored = self._state.jobs.get(before.id)
        return stored is not None and stored.version == before.version
