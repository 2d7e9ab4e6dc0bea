"""Finished jobs, to be removed for good."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from ...application.ports.finished_jobs import StoredOutput
from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.job import Job
from ...domain.jobs.states import JobState
from .state import State


class MemoryFinishedJobs:
    """The whole store is held by one unit of work at a time, so every job in it is locked."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now

    def ended_before(self, moments: Mapping[JobState, datetime], limit: int) -> list[JobId]:
        found: list[JobId] = []
        for state, moment in moments.items():
            old = [job for job in self._finished() if job.state is state and _end(job) < moment]
            found += [job.id for job in old[:limit]]
        return found

    def surplus(self, keep: int, limit: int) -> list[JobId]:
        finished = self._finished()
        last = _end(finished[-keep]) if 0 < keep <= len(finished) else None
        if keep > 0 and last is None:
            return []
        return [job.id for job in finished if last is None or _end(job) < last][:limit]

    def outputs(self, ids: Collection[JobId] | None, limit: int) -> list[StoredOutput]:
        wanted = [job.id for job in self._finished() if ids is None or job.id in ids]
        logs = ((ref, self._state.logs[ref]) for job_id in wanted for ref in self._logs(job_id))
        return [StoredOutput(ref, chunks[-1].end) for ref, chunks in logs][:limit]

    def cut(self, ref: AttemptRef, chunks: int) -> int:
        stored = self._state.logs.get(ref, ())
        kept = stored[: max(0, len(stored) - chunks)]
        if not stored:
            return 0
        if kept:
            self._state.logs[ref] = kept
        else:
            del self._state.logs[ref]
        attempt = replace(self._state.attempts[ref], log_removed_at=self._now())
        self._state.attempts[ref] = attempt
        job = self._state.jobs[ref.job_id]
        if job.attempt and job.ref == ref:
            self._state.jobs[ref.job_id] = replace(job, attempt=attempt)
        return len(stored) - len(kept)

    def remove(self, ids: Collection[JobId]) -> None:
        for job_id in ids:
            del self._state.jobs[job_id]
            del self._state.specs[job_id]
        for ref in [ref for ref in self._state.attempts if ref.job_id in ids]:
            del self._state.attempts[ref]
        for token in [token for token in self._state.attempt_tokens.values() if token.ref.job_id in ids]:
            del self._state.attempt_tokens[token.id]

    def _finished(self) -> list[Job]:
        return sorted((job for job in self._state.jobs.values() if job.finished), key=lambda job: (_end(job), job.id))

    def _logs(self, job_id: JobId) -> list[AttemptRef]:
        return sorted(ref for ref, chunks in self._state.logs.items() if ref.job_id == job_id and chunks)


def _end(job: Job) -> datetime:
    return job.finished_at or job.created_at
