"""The store: one writer at a time, readers never wait."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from ...application.ports.work import StoreUnavailable
from .accounts import MemoryAccounts, MemoryTokens
from .attempt_tokens import MemoryAttemptTokens
from .audit import MemoryAudit
from .books import MemoryBooks, MemoryRows
from .clock import wall_clock
from .crowds import MemoryCrowds
from .finished_jobs import MemoryFinishedJobs
from .gauges import MemoryGauges
from .holdings import MemoryHoldings, MemoryIntake
from .jobs import MemoryJobs
from .leases import MemoryLeases
from .leftovers import MemoryLeftovers
from .limits import MemoryLimits, MemoryUse
from .logs import MemoryLogReading, MemoryLogs
from .passes import MemoryPasses
from .projects import MemoryProjects
from .queues import MemoryQueues
from .reading import MemoryJobReading
from .runner_events import MemoryRunnerEvents
from .runners import MemoryRunnerReading, MemoryRunners
from .sealed import MemorySealedValues
from .seats import MemorySeatReading, MemorySeats
from .secrets import MemorySecrets
from .state import State
from .submission_keys import MemorySubmissionKeys
from .tenants import MemoryTenants

Now = Callable[[], datetime]


class MemoryWork:
    """One transaction over everything: a private copy, published by `commit`."""

    def __init__(self, state: State, now: Now, publish: Callable[[State], None]) -> None:
        self._state, self._publish = state, publish
        self.now = now
        self.jobs = MemoryJobs(state, now)
        self.finished = MemoryFinishedJobs(state, now)
        self.gauges = MemoryGauges(state)
        self.seats = MemorySeats(state, now)
        self.leases = MemoryLeases(state)
        self.queues = MemoryQueues(state)
        self.reading = MemoryJobReading(state)
        self.projects = MemoryProjects(state)
        self.accounts, self.tokens = MemoryAccounts(state), MemoryTokens(state)
        self.passes, self.attempt_tokens = MemoryPasses(state), MemoryAttemptTokens(state)
        self.logs = MemoryLogs(state)
        self.runners, self.runner_events = MemoryRunners(state), MemoryRunnerEvents(state)
        self.keys = MemorySubmissionKeys(state, now)
        self.intake = MemoryIntake(state, now)
        self.sealed = MemorySealedValues(state)
        self.secrets = MemorySecrets(state)
        self.leftovers = MemoryLeftovers(state)
        self.limits, self.use = MemoryLimits(state), MemoryUse(state)
        self.audit = MemoryAudit(state)

    def commit(self) -> None:
        self._publish(self._state.copy())


class MemoryReading:
    """What was published when it began, whatever happens since."""

    def __init__(self, state: State, now: Now) -> None:
        self.now = now
        self.books = MemoryBooks(state)
        self.rows = MemoryRows()
        self.tenants = MemoryTenants(state)
        self.holdings = MemoryHoldings(state)
        self.gauges = MemoryGauges(state)
        self.crowds = MemoryCrowds(state)
        self.queues = MemoryQueues(state)
        self.jobs = MemoryJobReading(state)
        self.projects = MemoryProjects(state)
        self.accounts, self.tokens = MemoryAccounts(state), MemoryTokens(state)
        self.passes, self.attempt_tokens = MemoryPasses(state), MemoryAttemptTokens(state)
        self.logs = MemoryLogReading(state)
        self.runners, self.runner_events = MemoryRunnerReading(state), MemoryRunnerEvents(state)
        self.seats = MemorySeatReading(state)
        self.sealed = MemorySealedValues(state)
        self.secrets = MemorySecrets(state)
        self.limits, self.use = MemoryLimits(state), MemoryUse(state)
        self.audit = MemoryAudit(state)


class MemoryStore:
    """Everything the service knows, for as long as this object lives."""

    def __init__(self, now: Now = wall_clock, *, patience: float = 30.0) -> None:
        self._now = now
        self._patience = patience
        self._published = State()
        self._writing = Lock()

    @contextmanager
    def begin(self) -> Iterator[MemoryWork]:
        """A unit of work that holds the store from here to its end; `StoreUnavailable` after much waiting."""
        if not self._writing.acquire(timeout=self._patience):
            raise StoreUnavailable(f"another unit of work has been open for {self._patience:g} seconds")
        try:
            yield MemoryWork(self._published.copy(), self._now, self._publish)
        finally:
            self._writing.release()

    @contextmanager
    def read(self) -> Iterator[MemoryReading]:
        """A look at the last commit."""
        yield MemoryReading(self._published, self._now)

    def _publish(self, state: State) -> None:
        self._published = state
