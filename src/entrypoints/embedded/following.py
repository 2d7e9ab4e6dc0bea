"""Following a log in this process: the next stretch of the next attempt, until nothing can follow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...application.jobs.read_log import LogPart, ReadLogCommand
from ...application.ports.calling import UseCase
from ...domain.jobs.errors import AttemptNotFound
from ...domain.jobs.ids import JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFollower:
    """`wait` returns when something may have changed; `attempt` None means all of them."""

    read_log: UseCase[ReadLogCommand, LogPart]
    wait: Callable[[], None]
    job_id: JobId
    attempt: int | None = None

    def parts(self) -> Iterator[LogPart]:
        """Stretches with output, in order, until the log is complete (of all attempts: until the job has finished)."""
        number, offset = self.attempt or 1, 0
        while True:
            command = ReadLogCommand(job_id=self.job_id, attempt=number, offset=offset)
            try:
                part = self.read_log.execute(command)
            except AttemptNotFound:
                if self._ended_before(number):
                    return
                continue
            if part.slice.end > offset:
                yield part
            elif not part.complete:
                self.wait()
            offset = part.slice.end
            if part.complete:
                if self.attempt is not None:
                    return
                number, offset = number + 1, 0

    def _ended_before(self, number: int) -> bool:
        """Whether that attempt will never be; else returns when it is there, or after a wait."""
        job = self.read_log.execute(ReadLogCommand(job_id=self.job_id, most=0)).job
        if job.attempt is None or number > job.attempt.number:
            if job.finished:
                return True
            self.wait()
        return False


def stored_parts(read_log: UseCase[ReadLogCommand, LogPart], job_id: JobId, attempt: int | None) -> Iterator[LogPart]:
    """What is stored now, of the latest attempt unless one is named."""
    offset = 0
    while True:
        part = read_log.execute(ReadLogCommand(job_id=job_id, attempt=attempt, offset=offset))
        if part.slice.end == offset:
            return
        yield part
        attempt, offset = part.attempt, part.slice.end
