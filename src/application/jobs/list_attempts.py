"""List the attempts of a job."""

from dataclasses import dataclass

from ...domain.jobs.attempt import Attempt
from ...domain.jobs.ids import AttemptRef, JobId
from ..ports.work import Begin, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAttemptsCommand:
    """The job whose attempts to list."""

    job_id: JobId


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """An attempt, and how much of its log is stored."""

    attempt: Attempt
    log_stored: int


class ListAttempts:
    """Reads all tries of a job, by number."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, command: ListAttemptsCommand) -> list[AttemptRecord]:
        """The attempts, or `JobNotFound`."""
        with self._read() as reading:
            attempts = reading.jobs.attempts(command.job_id)
            refs = [AttemptRef(command.job_id, attempt.number) for attempt in attempts]
            stored = reading.logs.stored(refs)
        return [AttemptRecord(attempt, stored[ref]) for attempt, ref in zip(attempts, refs, strict=True)]
