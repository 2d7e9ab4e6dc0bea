"""The seats of concurrency keys. Who holds and who waits is read from the jobs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from ...domain.jobs.ids import JobId
from ...domain.jobs.seating import PlaceInLine, Seating
from .state import State


class MemorySeatReading:
    """Who waits for whom, in one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def places(self, ids: Collection[JobId]) -> dict[JobId, PlaceInLine]:
        places = {}
        for job in (self._state.jobs[job_id] for job_id in ids if job_id in self._state.jobs):
            if job.in_line and job.concurrency:
                line = [waiter.job_id for waiter in self._state.line(job.concurrency.line)]
                holders = tuple(sorted(self._state.holders(job.concurrency.line).values()))
                places[job.id] = PlaceInLine(line.index(job.id) + 1, len(line), holders)
        return places

    def look(self, key: str) -> Seating:
        limit, waiting = self._state.limits.get(key, 1), len(self._state.line(key))
        return Seating(key=key, limit=limit, holders=self._state.holders(key), waiting=waiting)


class MemorySeats(MemorySeatReading):
    """The keys as use cases change them; the whole store is held, so every key is locked."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        super().__init__(state)
        self._now = now

    def keys_of(self, ids: Collection[JobId]) -> dict[JobId, str]:
        jobs = (self._state.jobs[job_id] for job_id in ids if job_id in self._state.jobs)
        return {job.id: job.concurrency.line for job in jobs if job.concurrency}

    def lock(self, wanted: Mapping[str, int], *, counted: bool = False) -> list[Seating]:
        return [self._seating(key, wanted[key], counted=counted) for key in sorted(wanted)]

    def save_all(self, seatings: Sequence[Seating]) -> None:
        self._state.limits.update({seating.key: seating.limit for seating in seatings})

    def restless(self, k: int) -> list[JobId]:
        now = self._now()
        keyed = [job for job in self._state.jobs.values() if job.concurrency]
        due = sorted((job.due_at, job.id) for job in keyed if job.due_at and job.due_at <= now)
        waited_for = sorted({job.concurrency.line for job in keyed if job.in_line and job.concurrency})
        seatings = (self._seating(key, 1, counted=False) for key in waited_for)
        first = [seating.line[0].job_id for seating in seatings if seating.free]
        return list(dict.fromkeys([*(job_id for _, job_id in due), *first]))[:k]

    def _seating(self, key: str, most: int, *, counted: bool) -> Seating:
        line = self._state.line(key)
        first = tuple(line[:most])
        return Seating(
            key=key,
            limit=self._state.limits.setdefault(key, 1),
            holders=self._state.holders(key),
            line=first,
            waiting=len(line) if counted else len(first),
        )
