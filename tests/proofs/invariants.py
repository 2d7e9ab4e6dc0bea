"""What must hold in any store at any moment, looked up through its ports. I1 to I8 are the names in the documents."""

from collections.abc import Mapping
from dataclasses import dataclass

from runyard.application.ports.jobs import JobFilter
from runyard.domain.jobs.attempt import Attempt, Ending
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.log import joined
from tests.contracts.stores import Store

MANY = 10_000
ALL = 1 << 30


@dataclass(frozen=True)
class Seen:
    """Everything a store holds, at one look."""

    jobs: Mapping[JobId, Job]
    attempts: Mapping[AttemptRef, Attempt]
    logs: Mapping[AttemptRef, bytes]


class Broken(AssertionError):
    """An invariant does not hold."""


def seen(store: Store) -> Seen:
    """All of it. I8: logs are read as chunks that leave no gap and overlap nowhere."""
    with store.read() as reading:
        jobs = {item.job.id: item.job for item in reading.jobs.page(JobFilter(), after=None, limit=MANY).items}
        attempts = {
            AttemptRef(job_id, attempt.number): attempt for job_id in jobs for attempt in reading.jobs.attempts(job_id)
        }
        logs = {}
        for ref in attempts:
            part, at = reading.logs.read(ref, offset=0, most=ALL), 0
            for chunk in part.chunks:
                _expect(chunk.offset == at, f"I8: the log of {ref} has a chunk at {chunk.offset}, not at {at}")
                at = chunk.end
            _expect(at == reading.logs.stored(ref), f"I8: of the log of {ref} {at} bytes are readable")
            logs[ref] = b"".join(joined(chunk.records) for chunk in part.chunks)
    return Seen(jobs, attempts, logs)


def check(now: Seen, before: Seen | None = None) -> None:
    """Every invariant of one look, and of two in a row."""
    for job in now.jobs.values():
        tries = [attempt for ref, attempt in now.attempts.items() if ref.job_id == job.id]
        live = [attempt for attempt in tries if attempt.live]
        _expect(len(live) <= 1, f"I2: {job.id} has {len(live)} live attempts")
        _expect(bool(live) == job.live, f"I2: {job.id} is {job.state} with {len(live)} live attempts")
        _expect(len(tries) <= job.fence, f"I3: {job.id} has {len(tries)} attempts under fence {job.fence}")
        _expect([attempt.number for attempt in tries] == list(range(1, len(tries) + 1)), f"I3: gap in {job.id}")
        _expect(not job.finished or job.finished_at is not None, f"I5: {job.id} ended at no time")
        _result(job, tries)
    for job_id, old in before.jobs.items() if before else ():
        _expect(job_id in now.jobs, f"I1: {job_id} is gone")
        job = now.jobs[job_id]
        _expect(not old.finished or old == job, f"I5: {job_id} was {old.state} and changed")
        _expect(job.fence >= old.fence and job.version >= old.version, f"I3: the fence of {job_id} fell")
        _expect(job.cancel_requested or not old.cancel_requested, f"G5: the cancel of {job_id} was forgotten")
        again = old.cancel_requested and job.fence > old.fence and job.attempt and old.attempt
        _expect(not again or job.ref.number == old.ref.number, f"G5: {job_id} started again after its cancel")
    for ref, old_attempt in before.attempts.items() if before else ():
        _expect(old_attempt.live or now.attempts[ref] == old_attempt, f"I5: the ended attempt {ref} changed")
    for ref, log in before.logs.items() if before else ():
        _expect(now.logs[ref].startswith(log), f"I8: the log of {ref} was rewritten")


def _result(job: Job, tries: list[Attempt]) -> None:
    """I4: whoever succeeded did so by exactly one attempt, and by its last."""
    won = [attempt for attempt in tries if attempt.outcome and attempt.outcome.succeeded and not attempt.live]
    if job.state.value == "succeeded":
        _expect(won == tries[-1:], f"I4: {job.id} succeeded by attempts {[attempt.number for attempt in won]}")
    elif job.state.value == "failed":
        _expect(not won, f"I4: {job.id} failed although attempt {[attempt.number for attempt in won]} succeeded")
    for attempt in tries:
        released = attempt.outcome is not None and attempt.outcome.ending is Ending.RELEASED
        _expect(not released or attempt.started_at is None, f"I4: {job.id} ran and was given back as if it had not")


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise Broken(otherwise)
