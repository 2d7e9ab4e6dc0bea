"""Everything there is, read to be judged."""

from collections import defaultdict
from datetime import datetime

from ...application.ports.books import SharedSeat, Stray, Unreadable
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.states import JobState
from ...domain.observability.book import JobBook, StoredLog
from .state import State


class MemoryRows:
    """Values are kept as they are, so each can be read."""

    def unreadable(self, limit: int) -> list[Unreadable]:  # noqa: ARG002 - the port's signature
        return []


class MemoryBooks:
    """Places where jobs wait are not kept here but follow from the jobs, so they are always right."""

    def __init__(self, state: State) -> None:
        self._state = state

    def books(self, *, after: JobId | None, limit: int) -> list[JobBook]:
        ids = sorted(job_id for job_id in self._state.jobs if after is None or job_id > after)
        return [self._book(self._state.jobs[job_id]) for job_id in ids[:limit]]

    def queued_since(self, moment: datetime, limit: int) -> list[JobBook]:
        queued = (job for job in self._state.jobs.values() if job.state is JobState.QUEUED)
        waiting = sorted((job for job in queued if job.eligible_at <= moment), key=lambda job: job.id)
        return [self._book(job) for job in waiting[:limit]]

    def shared_seats(self, limit: int) -> list[SharedSeat]:
        seats = defaultdict[tuple[str, int], list[JobId]](list)
        for job in self._state.jobs.values():
            if job.concurrency and job.seat is not None:
                seats[job.concurrency.line, job.seat].append(job.id)
        shared = sorted((place, sorted(ids)) for place, ids in seats.items() if len(ids) > 1)
        return [SharedSeat(key, seat, tuple(ids)) for (key, seat), ids in shared[:limit]]

    def passed_over(self, limit: int) -> list[JobBook]:
        waited_for = {job.concurrency.line for job in self._state.jobs.values() if job.concurrency and job.in_line}
        free = (key for key in waited_for if len(self._state.holders(key)) < self._state.limits.get(key, 0))
        first = sorted(self._state.line(key)[0].job_id for key in free)
        return [self._book(self._state.jobs[job_id]) for job_id in first[:limit]]

    def strays(self, limit: int) -> list[Stray]:
        strange = [
            Stray(f"attempt {ref} on {attempt.runner_id}", "such runner")
            for ref, attempt in sorted(self._state.attempts.items())
            if attempt.live and attempt.runner_id not in self._state.runners
        ]
        return strange[:limit]

    def _book(self, job: Job) -> JobBook:
        attempts = {ref: attempt for ref, attempt in self._state.attempts.items() if ref.job_id == job.id}
        logs = {ref: chunks for ref, chunks in self._state.logs.items() if ref.job_id == job.id and chunks}
        key = job.concurrency.line if job.concurrency else None
        return JobBook(
            job=job,
            named=job.attempt.number if job.attempt else None,
            has_spec=job.id in self._state.specs,
            attempts=tuple(attempts[ref] for ref in sorted(attempts)),
            logs=tuple(
                StoredLog(ref.number, logs[ref][-1].end, tuple((chunk.offset, chunk.size) for chunk in logs[ref]))
                for ref in sorted(logs)
            ),
            lane=self._state.lanes.get(job.lane),
            ready=((job.lane, job.rank),) if job.state is JobState.QUEUED else (),
            due=(job.due_at,) if job.due_at else (),
            limit=self._state.limits.get(key) if key is not None else None,
            held=((key, job.seat),) if key is not None and job.seat is not None else (),
            awaited=((key, job.rank),) if key is not None and job.in_line else (),
        )
