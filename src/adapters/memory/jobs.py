"""Jobs as use cases change them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from ...application.ports.jobs import Change, LaneShare, NewJob
from ...domain.jobs.errors import SeatTaken, StaleJobs
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from .state import State


class MemoryJobs:
    """The whole store is held by one unit of work at a time, so every job in it is locked."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now

    def add_all(self, jobs: Sequence[NewJob]) -> None:
        self._check_seats([new.job for new in jobs])
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
        keyless = (job for job in self._state.jobs.values() if not job.concurrency)
        due = [(job.due_at, job.id, job) for job in keyless if job.due_at and job.due_at <= now]
        return [job for _, _, job in sorted(due, key=lambda entry: entry[:2])[:k]]

    def save_all(self, changes: Sequence[Change]) -> None:
        moved = [change for change in changes if change.before != change.after]
        ids = [change.before.id for change in moved]
        stale = [change.before.id for change in moved if not self._current(change.before)]
        if stale or len(set(ids)) < len(ids):
            raise StaleJobs(stale or sorted({job_id for job_id in ids if ids.count(job_id) > 1}))
        self._check_seats([change.after for change in moved])
        for change in moved:
            self._state.put(replace(change.after, version=change.before.version + 1))

    def _check_seats(self, coming: Sequence[Job]) -> None:
        """No two jobs hold one seat of a key."""
        ids = {job.id for job in coming}
        taken = set[tuple[str, int]]()
        staying = {job.concurrency.line: self._state.holders(job.concurrency.line) for job in coming if job.concurrency}
        for key, holders in staying.items():
            taken |= {(key, seat) for seat, job_id in holders.items() if job_id not in ids}
        for job in coming:
            if job.concurrency and job.seat is not None:
                if (job.concurrency.line, job.seat) in taken:
                    raise SeatTaken
                taken.add((job.concurrency.line, job.seat))

    def _current(self, before: Job) -> bool:
        stored = self._state.jobs.get(before.id)
        return stored is not None and stored.version == before.version
