"""What a store holds at one moment. Values are frozen, so copying the maps copies everything."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Self

from ...application.ports.submission_keys import Reservation
from ...domain.accounts.account import Account
from ...domain.accounts.ids import AccountId, TokenId
from ...domain.accounts.projects import DEFAULT_PROJECT, Project
from ...domain.accounts.tokens import Token
from ...domain.audit.entry import AuditEntry
from ...domain.jobs.access import AttemptToken
from ...domain.jobs.attempt import Attempt
from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.job import Job
from ...domain.jobs.lanes import Lane
from ...domain.jobs.leases import LeaseWatch
from ...domain.jobs.log import LogChunk
from ...domain.jobs.queues import QueuePause
from ...domain.jobs.seating import Waiter
from ...domain.jobs.spec import JobSpec
from ...domain.jobs.states import JobState
from ...domain.limits.limits import ProjectLimits
from ...domain.runners.events import RunnerEvent
from ...domain.runners.ids import RunnerId
from ...domain.runners.passes import RunnerPass
from ...domain.runners.runner import Runner
from ...domain.secrets.sealing import Place, Sealed
from ...domain.secrets.secret import Secret

_DEFAULT = Project(name=DEFAULT_PROJECT, created_at=datetime(2000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class State:
    """Never changed once it is published."""

    jobs: dict[JobId, Job] = field(default_factory=dict)
    specs: dict[JobId, JobSpec] = field(default_factory=dict)
    attempts: dict[AttemptRef, Attempt] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    pauses: dict[tuple[str, str], QueuePause] = field(default_factory=dict)
    logs: dict[AttemptRef, tuple[LogChunk, ...]] = field(default_factory=dict)
    runners: dict[RunnerId, Runner] = field(default_factory=dict)
    keys: dict[str, Reservation] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    tokens: dict[TokenId, Token] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=lambda: {DEFAULT_PROJECT: _DEFAULT})
    project_limits: dict[tuple[str, str], ProjectLimits] = field(default_factory=dict)
    sealed: dict[Place, Sealed] = field(default_factory=dict)
    secrets: dict[tuple[str, str], Secret] = field(default_factory=dict)
    passes: dict[TokenId, RunnerPass] = field(default_factory=dict)
    attempt_tokens: dict[TokenId, AttemptToken] = field(default_factory=dict)
    runner_events: dict[int, RunnerEvent] = field(default_factory=dict)
    watches: dict[int, LeaseWatch] = field(default_factory=dict)
    audit: dict[int, AuditEntry] = field(default_factory=dict)

    def copy(self) -> Self:
        return type(self)(*(getattr(self, each.name).copy() for each in fields(self)))

    def queued(self, lane: str) -> Iterator[Job]:
        """What waits in this lane to be claimed, in no order."""
        return (job for job in self.jobs.values() if job.state is JobState.QUEUED and job.lane == lane)

    def holders(self, key: str) -> dict[int, JobId]:
        """Who holds which seat of this key."""
        keyed = (job for job in self.jobs.values() if job.concurrency and job.concurrency.line == key)
        return {job.seat: job.id for job in keyed if job.seat is not None}

    def line(self, key: str) -> list[Waiter]:
        """Who waits for a seat of this key, in order."""
        keyed = (job for job in self.jobs.values() if job.concurrency and job.concurrency.line == key)
        return sorted(Waiter(job.rank, job.id) for job in keyed if job.in_line)

    def put(self, job: Job) -> None:
        """Keep the job, and its current attempt among its others."""
        self.jobs[job.id] = job
        if job.attempt:
            self.attempts[job.ref] = job.attempt
