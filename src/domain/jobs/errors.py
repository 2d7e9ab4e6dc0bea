"""What jobs refuse, and why."""

from collections.abc import Sequence
from datetime import datetime

from ..errors import InvalidFields, Refusal, RunyardError
from .ids import AttemptRef, JobId


class InvalidJob(InvalidFields):
    """A submitted job has values that cannot be run; `problems` names each one."""

    code = "invalid-job"


class UnknownSecret(InvalidFields):
    """A submitted job names secrets that its project does not have; `problems` names each one."""

    code = "unknown-secret"


class IdempotencyMismatch(RunyardError):
    """Something else was submitted under this key before; nothing was created."""

    refusal = Refusal.INVALID
    code = "idempotency-mismatch"

    def __init__(self, key: str) -> None:
        super().__init__(f"the idempotency key {key!r} was used for another job; a new job needs a new key")


class JobNotFound(RunyardError):
    """No job has this id."""

    refusal = Refusal.NOT_FOUND
    code = "job-not-found"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"no job has the id {job_id!r}; `GET /api/v1/jobs` lists those there are")


class JobNotFinished(RunyardError):
    """The job may still run, or run again."""

    refusal = Refusal.CONFLICT
    code = "job-not-finished"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"job {job_id} has not finished; cancel it first, or wait for its end")


class AttemptNotFound(RunyardError):
    """The job has no attempt of this number."""

    refusal = Refusal.NOT_FOUND
    code = "attempt-not-found"

    def __init__(self, ref: AttemptRef) -> None:
        super().__init__(f"job {ref.job_id} has no attempt {ref.number}")


class LogRemoved(RunyardError):
    """The output of the attempt was removed, as everything is after its time."""

    refusal = Refusal.NOT_FOUND
    code = "log-removed"

    def __init__(self, ref: AttemptRef, removed_at: datetime) -> None:
        super().__init__(f"the output of attempt {ref} was removed on {removed_at:%Y-%m-%d}; it was kept long enough")


class StaleJobs(RunyardError):
    """Somebody else changed these jobs first; nothing was saved."""

    refusal = Refusal.CONFLICT
    code = "job-changed-meanwhile"

    def __init__(self, job_ids: Sequence[str]) -> None:
        self.job_ids = tuple(job_ids)
        super().__init__(f"changed meanwhile: {', '.join(job_ids)}; read again and retry")


class KeyBusy(RunyardError):
    """The job's concurrency key has no free seat, and the job does not want to wait; `holders` have the seats."""

    refusal = Refusal.CONFLICT
    code = "key-busy"

    def __init__(self, key: str, holders: Sequence[JobId]) -> None:
        self.holders = tuple(holders)
        super().__init__(f"the key {key!r} is held by {named(holders)}")


class KeyLineFull(RunyardError):
    """As many jobs wait for the concurrency key as may."""

    refusal = Refusal.CONFLICT
    code = "key-line-full"

    def __init__(self, key: str, most: int) -> None:
        super().__init__(f"{most} jobs wait for the key {key!r} already, and no more may (max_waiting)")


class SeatTaken(RunyardError):
    """Two jobs would have held one seat of a concurrency key; nothing was saved."""

    refusal = Refusal.CONFLICT
    code = "seat-taken"

    def __init__(self) -> None:
        super().__init__("another job got this seat of the key meanwhile; read again and retry")


class StaleAttempt(RunyardError):
    """A report about an attempt that is not the job's current live one, or with an old fence."""

    refusal = Refusal.CONFLICT
    code = "stale-attempt"

    def __init__(self, ref: AttemptRef) -> None:
        super().__init__(f"attempt {ref} has ended or changed hands; this report changes nothing")


class LogGap(RunyardError):
    """Output that does not continue what is stored; `stored` is where to go on."""

    refusal = Refusal.CONFLICT
    code = "log-gap"

    def __init__(self, ref: AttemptRef, stored: int) -> None:
        self.stored = stored
        super().__init__(f"the log of {ref} is stored up to byte {stored}; go on from there")


def named(jobs: Sequence[JobId], *, most: int = 3) -> str:
    """`job A`, `jobs A and B`, `jobs A, B, C and 4 more`."""
    shown = [*jobs[:most], *([f"{len(jobs) - most} more"] if len(jobs) > most else [])]
    told = " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part) if shown else "none"
    return f"job{'s' if len(jobs) > 1 else ''} {told}"
