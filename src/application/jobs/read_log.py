"""Read a stretch of a job's log."""

from dataclasses import dataclass

from ...domain.jobs.errors import AttemptNotFound, LogRemoved
from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.job import Job
from ..ports.logs import LogSlice
from ..ports.work import Begin, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLogCommand:
    """From where to read; `attempt` None is the latest; about `most` bytes at once."""

    job_id: JobId
    attempt: int | None = None
    offset: int = 0
    most: int = 256 * 1024


@dataclass(frozen=True, slots=True)
class LogPart:
    """A stretch of one attempt's log beside the job as it was in the same look at the store.

    `complete`: the attempt has ended and nothing is stored beyond this part.
    """

    job: Job
    attempt: int | None
    slice: LogSlice
    complete: bool


class ReadLog:
    """Reads what is stored; a follower calls it again from `slice.end` until `complete`."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, command: ReadLogCommand) -> LogPart:
        """The stretch, or `JobNotFound`, `AttemptNotFound`, or `LogRemoved` if it was kept long enough."""
        with self._read() as reading:
            job = reading.jobs.summary(command.job_id).job
            latest = job.attempt.number if job.attempt else None
            number = latest if command.attempt is None else command.attempt
            if number is None:
                return LogPart(job, None, LogSlice((), 0), job.finished)
            ref = AttemptRef(job.id, number)
            if latest is None or not 1 <= number <= latest:
                raise AttemptNotFound(ref)
            ended = number < latest or not job.current.live
            if ended:
                _refuse_what_was_removed(reading, ref)
            part = reading.logs.read(ref, offset=command.offset, most=command.most)
            complete = ended and part.end >= reading.logs.stored([ref])[ref]
            return LogPart(job, number, part, complete)


def _refuse_what_was_removed(reading: Reading, ref: AttemptRef) -> None:
    attempt = next(each for each in reading.jobs.attempts(ref.job_id) if each.number == ref.number)
    if attempt.log_removed_at is not None:
        raise LogRemoved(ref, attempt.log_removed_at)
