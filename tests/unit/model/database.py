"""Rows and transactions. Only the database knows what time it is."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.job import Job
from runyard.domain.runners.ids import RunnerId
from runyard.domain.runners.runner import Runner

from .judge import Judge, moment

R = TypeVar("R")


class Away(Exception):
    """No answer. Whether the transaction was committed, nobody can tell."""


class Transaction:
    """Values as they are now; what is put in counts if the whole function comes to its end."""

    def __init__(self, database: "Database") -> None:
        self.now: datetime = moment(database.judge.now)
        self.seconds = database.judge.now
        self.jobs = dict(database.jobs)
        self.runners = dict(database.runners)
        self.logs = dict(database.logs)
        self.last_sweep = database.last_sweep
        self.hold_until = database.hold_until

    def put(self, job: Job) -> Job:
        self.jobs[job.id] = job
        return job

    def stored(self, ref: AttemptRef) -> bytes:
        return self.logs.get(ref, b"")

    def live_on(self, runner_id: RunnerId) -> list[Job]:
        return [job for job in self.jobs.values() if job.live and job.current.runner_id == runner_id]


class Database:
    """Atomic, durable, and sometimes away."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.jobs: dict[JobId, Job] = {}
        self.runners: dict[RunnerId, Runner] = {}
        self.logs: dict[AttemptRef, bytes] = {}
        self.last_sweep = 0.0
        self.hold_until = 0.0
        self.away = False
        self.cut_off: set[str] = set()
        """Drivers that cannot reach it."""
        self.unanswered: set[str] = set()
        """Drivers whose next commit is not answered."""

    def run(self, who: str, work: Callable[[Transaction], R]) -> R:
        """One transaction. A refusal of the domain undoes it."""
        if self.away or who in self.cut_off:
            raise Away
        transaction = Transaction(self)
        result = work(transaction)
        self.judge.committed(self.jobs, transaction.jobs, transaction.logs)
        for ref, log in transaction.logs.items():
            if self.logs.get(ref) is not log:
                self.judge.stored(ref, log)
        changed = transaction.jobs != self.jobs
        self.jobs, self.runners, self.logs = transaction.jobs, transaction.runners, transaction.logs
        self.last_sweep, self.hold_until = transaction.last_sweep, transaction.hold_until
        if changed and who in self.unanswered:
            self.unanswered.discard(who)
            raise Away
        return result
