"""Units of work: one transaction each, as narrow as its use case."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from ...domain.errors import Refusal, RunyardError
from .attempt_tokens import AttemptTokens
from .books import BookReading, RowReading
from .finished_jobs import FinishedJobs
from .gauges import GaugeReading
from .jobs import DispatchReading, JobReading, Jobs, RecordReading
from .leftovers import Leftovers
from .limits import LimitedReading, LimitedWork
from .logs import LogReading, Logs
from .projects import ProjectReading, Projects
from .queues import QueueReading, Queues
from .runners import RunnerReading, Runners
from .seats import SeatReading, Seats
from .secrets import SecretReading
from .submission_keys import SubmissionKeys
from .tenants import TenantsReading

W = TypeVar("W")
W_co = TypeVar("W_co", covariant=True)

Begin = Callable[[], AbstractContextManager[W_co]]
"""Begins a fresh unit of work. Leaving it without `commit` undoes everything."""


class StoreUnavailable(RunyardError):
    """The store does not answer, is too busy, or is full. Nothing was committed; the same may work later.

    Only when `commit` itself raises it may the work have become durable all the same.
    """

    refusal = Refusal.UNAVAILABLE
    code = "store-unavailable"


class Transaction(Protocol):
    """What every writing unit of work has."""

    def now(self) -> datetime:
        """The time by the store's clock, with zone; the only clock that decides anything."""

    def commit(self) -> None:
        """Make the work durable. When this returns, it survives a crash."""


class JobsWork(Transaction, Protocol):
    """A transaction over jobs."""

    @property
    def jobs(self) -> Jobs:
        """The jobs, to change."""

    @property
    def seats(self) -> Seats:
        """The seats of their keys, to lock before the jobs."""


class KeysWork(Transaction, Protocol):
    """A transaction over submission keys."""

    @property
    def keys(self) -> SubmissionKeys:
        """The keys, to reserve and to forget."""


class SubmitWork(JobsWork, KeysWork, LimitedWork, Protocol):
    """A transaction over new jobs and their keys, under the limits there are."""

    @property
    def reading(self) -> RecordReading:
        """The jobs, to look at, in the same transaction."""

    @property
    def secrets(self) -> SecretReading:
        """The secrets there are."""


class ReportWork(JobsWork, Protocol):
    """A transaction over jobs and their logs."""

    @property
    def logs(self) -> Logs:
        """The logs, to extend."""


class RunnersWork(JobsWork, LimitedWork, Protocol):
    """A transaction over runners, the jobs on them, and their logs, under the limits there are."""

    @property
    def runners(self) -> Runners:
        """The runners, to change."""

    @property
    def projects(self) -> ProjectReading:
        """Whose they are."""

    @property
    def reading(self) -> DispatchReading:
        """The jobs, to look at, in the same transaction."""

    @property
    def queues(self) -> QueueReading:
        """The queues that are paused."""

    @property
    def logs(self) -> Logs:
        """The logs, to look at and extend."""


class AssignWork(RunnersWork, Protocol):
    """A transaction over runners and jobs, and over what new attempts get."""

    @property
    def attempt_tokens(self) -> AttemptTokens:
        """The tokens of their attempts."""


class QueuesWork(Transaction, Protocol):
    """A transaction over queues."""

    @property
    def queues(self) -> Queues:
        """The queues that are paused, to change."""

    @property
    def projects(self) -> ProjectReading:
        """Whose they are."""


class ProjectsWork(Transaction, Protocol):
    """A transaction over projects."""

    @property
    def projects(self) -> Projects:
        """The projects, to change."""


class PurgeWork(Transaction, Protocol):
    """A transaction over what has finished."""

    @property
    def finished(self) -> FinishedJobs:
        """The jobs that have finished, to remove."""

    @property
    def gauges(self) -> GaugeReading:
        """How much there is, in the same transaction."""


class LeftoversWork(Transaction, Protocol):
    """A transaction over what nobody needs any more."""

    @property
    def leftovers(self) -> Leftovers:
        """Lanes and keys, to remove."""


class Reading(Protocol):
    """A consistent look at the store; it takes no lock that a writer waits for."""

    def now(self) -> datetime:
        """The time by the store's clock, with zone."""

    @property
    def jobs(self) -> JobReading:
        """The jobs."""

    @property
    def logs(self) -> LogReading:
        """The logs."""

    @property
    def runners(self) -> RunnerReading:
        """The runners."""

    @property
    def projects(self) -> ProjectReading:
        """The projects."""


class ExplainReading(Reading, LimitedReading, Protocol):
    """The same, the lines in which jobs wait, and the limits they wait under."""

    @property
    def seats(self) -> SeatReading:
        """Who waits for whom."""

    @property
    def gauges(self) -> GaugeReading:
        """How long the lines are."""

    @property
    def queues(self) -> QueueReading:
        """The queues that are paused."""


class QueuesReading(Protocol):
    """A consistent look at queues and at what waits in them."""

    def now(self) -> datetime:
        """The time by the store's clock, with zone."""

    @property
    def queues(self) -> QueueReading:
        """The queues that are paused."""

    @property
    def gauges(self) -> GaugeReading:
        """What waits, in numbers."""


class RowsReading(Protocol):
    """A look at rows as such."""

    @property
    def rows(self) -> RowReading:
        """Those that cannot be read."""


class AuditReading(RowsReading, LimitedReading, TenantsReading, Protocol):
    """A consistent look at everything, as it is stored."""

    def now(self) -> datetime:
        """The time by the store's clock, with zone."""

    @property
    def runners(self) -> RunnerReading:
        """The runners."""

    @property
    def books(self) -> BookReading:
        """The books."""

    @property
    def gauges(self) -> GaugeReading:
        """The same in numbers."""

    @property
    def queues(self) -> QueueReading:
        """The queues that are paused."""
