"""Everything that is stored about one job, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..jobs.attempt import Attempt
from ..jobs.job import Job
from ..jobs.lanes import Lane


@dataclass(frozen=True, slots=True)
class StoredLog:
    """How far the log of an attempt is said to be stored, and where each of its chunks begins and how long it is."""

    number: int
    stored: int
    chunks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobBook:
    """A job as its row tells it, and what else is stored under its id.

    `named` is the number of the attempt that the row names; `job.attempt` is that attempt if it is there. `ready` and
    `due` are the places (lane and rank, moment) where it stands to be claimed and to be looked at; `held` and `awaited`
    the seats (key and number) it holds and the places (key and rank) where it waits for one; `limit` is how many seats
    its key has, None if nobody knows the key.
    """

    job: Job
    named: int | None = None
    has_spec: bool = True
    attempts: tuple[Attempt, ...] = ()
    logs: tuple[StoredLog, ...] = ()
    lane: Lane | None = None
    ready: tuple[tuple[str, int], ...] = ()
    due: tuple[datetime, ...] = ()
    limit: int | None = None
    held: tuple[tuple[str, int], ...] = ()
    awaited: tuple[tuple[str, int], ...] = ()

    def rows(self) -> Iterator[str]:
        """What is stored, a line per row, as somebody who has to judge a hit wants it; commands are left out."""
        job = self.job
        yield (
            f"job {job.id}: state={job.state} reason={job.reason} attempt={self.named} fence={job.fence} "
            f"failures={job.failures} crashes={job.crashes} created_at={_said(job.created_at)} "
            f"eligible_at={_said(job.eligible_at)} cancel_requested_at={_said(job.cancel_requested_at)} "
            f"finished_at={_said(job.finished_at)} version={job.version} spec={'there' if self.has_spec else 'missing'}"
        )
        for attempt in self.attempts:
            outcome = attempt.outcome
            yield (
                f"attempt {attempt.number}: runner={attempt.runner_id} claimed_at={_said(attempt.claimed_at)} "
                f"armed_at={_said(attempt.armed_at)} started_at={_said(attempt.started_at)} "
                f"lease={attempt.lease} lease_until={_said(attempt.lease_until)} "
                f"ended_at={_said(attempt.ended_at)} ending={outcome and outcome.ending.value} "
                f"exit_code={outcome and outcome.exit_code} log_size={outcome and outcome.log_size} "
                f"log_complete={attempt.log_complete} log_removed_at={_said(attempt.log_removed_at)}"
            )
        for log in self.logs:
            yield f"log of attempt {log.number}: stored={log.stored} chunks={_chunks(log)}"
        for lane, rank in self.ready:
            yield f"ready: lane={lane} rank={rank}"
        for at in self.due:
            yield f"due: at={_said(at)}"
        if job.concurrency:
            yield f"key {job.concurrency.key!r}: limit={self.limit} seat={job.seat}"
        for key, seat in self.held:
            yield f"hold: key={key!r} seat={seat}"
        for key, rank in self.awaited:
            yield f"waiter: key={key!r} rank={rank}"


_MOST_CHUNKS = 20


def _chunks(log: StoredLog) -> str:
    told = " ".join(f"{start}+{size}" for start, size in log.chunks[:_MOST_CHUNKS])
    more = len(log.chunks) - _MOST_CHUNKS
    return f"{told} and {more} more" if more > 0 else told or "none"


def _said(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
