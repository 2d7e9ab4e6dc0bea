"""Jobs and attempts as rows, and back."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row

from ...domain.jobs.attempt import Attempt
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.limits import Deadlines, OnLost, Replacement
from ...domain.jobs.spec import JobSpec
from ...domain.jobs.states import JobState
from ...domain.runners.ids import RunnerId
from .documents import (
    concurrency_document,
    concurrency_of,
    outcome_document,
    outcome_of,
    progress_document,
    progress_of,
    retry_document,
    retry_of,
    sentence,
)

Values = Mapping[str, Any]

ID_END_LENGTH: Final = 12
"""So many characters of an id, last one first, find it by its end."""


def id_end(end: str) -> str:
    return end[-ID_END_LENGTH:][::-1]


def made(job: Job) -> Values:
    """What a job was born with and never changes."""
    return {
        "id": job.id,
        "id_end": id_end(job.id),
        "queue": job.queue,
        "lane": job.lane,
        "priority": job.priority,
        "retry": retry_document(job.retry),
        "on_lost": job.on_lost.value,
        "replacement": job.replacement.value,
        "created_at": job.created_at,
        "claim_by": job.deadlines.claim_by,
        "end_by": job.deadlines.end_by,
        "ckey": job.concurrency and job.concurrency.line,
        "concurrency": concurrency_document(job.concurrency),
    }


def belonging(spec: JobSpec) -> Values:
    """Whose the job is, which never changes either."""
    return {"project": spec.project, "owner": spec.owner, "parent": spec.parent}


def moved(job: Job) -> Values:
    """What changes as a job moves."""
    return {
        "eligible_at": job.eligible_at,
        "rank": job.rank,
        "state": job.state.value,
        "reason": job.reason,
        "message": sentence(job.message),
        "attempt": job.attempt.number if job.attempt else None,
        "fence": job.fence,
        "failures": job.failures,
        "crashes": job.crashes,
        "cancel_requested_at": job.cancel_requested_at,
        "end_confirmed": job.end_confirmed,
        "finished_at": job.finished_at,
        "seat": job.seat,
    }


def job_of(row: Row[Any], attempt: Attempt | None) -> Job:
    return Job(
        id=JobId(row.id),
        queue=row.queue,
        lane=row.lane or "",
        priority=row.priority,
        retry=retry_of(row.retry),
        on_lost=OnLost(row.on_lost),
        replacement=Replacement(row.replacement or Replacement.AFTER_LEASE),
        created_at=row.created_at,
        eligible_at=row.eligible_at,
        rank=row.rank,
        deadlines=Deadlines(claim_by=row.claim_by, end_by=row.end_by),
        concurrency=concurrency_of(row.concurrency),
        seat=row.seat,
        state=JobState(row.state),
        reason=row.reason,
        message=row.message,
        attempt=attempt,
        fence=row.fence,
        failures=row.failures,
        crashes=row.crashes,
        cancel_requested_at=row.cancel_requested_at,
        end_confirmed=row.end_confirmed,
        finished_at=row.finished_at,
        version=row.version,
    )


def found_by(spec: JobSpec) -> Mapping[str, str]:
    """The labels a job is found by, its name among them under a key that no label can have."""
    return {**spec.labels, **({"": spec.name} if spec.name is not None else {})}


def attempt_key(job_id: JobId, attempt: Attempt) -> Values:
    return {"job_id": job_id, "number": attempt.number}


def attempt_values(attempt: Attempt) -> Values:
    return {
        "runner_id": attempt.runner_id,
        "claimed_at": attempt.claimed_at,
        "armed_at": attempt.armed_at,
        "boot_id": attempt.boot_id,
        "lease_until": attempt.lease_until,
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "containment": attempt.containment,
        "outcome": outcome_document(attempt.outcome),
        "progress": progress_document(attempt.progress),
        "result": attempt.result,
        "log_complete": attempt.log_complete,
        "log_removed_at": attempt.log_removed_at,
        "lease": attempt.lease,
    }


def attempt_of(row: Row[Any]) -> Attempt:
    return Attempt(
        number=row.number,
        runner_id=RunnerId(row.runner_id),
        claimed_at=row.claimed_at,
        armed_at=row.armed_at,
        boot_id=row.boot_id,
        lease_until=row.lease_until,
        started_at=row.started_at,
        ended_at=row.ended_at,
        containment=row.containment,
        outcome=outcome_of(row.outcome),
        progress=progress_of(row.progress),
        result=row.result,
        log_complete=row.log_complete,
        log_removed_at=row.log_removed_at,
        lease=row.lease,
    )
