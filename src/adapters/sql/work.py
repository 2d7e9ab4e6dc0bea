"""One transaction over everything there is; use cases see as much of it as they ask for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from .accounts import SqlAccountReading, SqlAccounts
from .arrays import has_arrays
from .attempt_tokens import SqlAttemptTokens
from .audit import SqlAudit
from .books import SqlBooks
from .columns import MOMENT
from .crowds import SqlCrowds
from .finished_jobs import SqlFinishedJobs
from .gauges import SqlGauges
from .holdings import SqlHoldings, SqlIntake
from .jobs import SqlJobs
from .leases import SqlLeases
from .leftovers import SqlLeftovers
from .limits import SqlLimits, SqlUse
from .logs import SqlLogReading, SqlLogs
from .passes import SqlPasses
from .projects import SqlProjects
from .queues import SqlQueues
from .reading import SqlJobReading
from .runner_events import SqlRunnerEvents
from .runners import SqlRunnerReading, SqlRunners
from .sealed import SqlSealedValues
from .seats import SqlSeatReading, SqlSeats
from .secrets import SqlSecrets
from .submission_keys import SqlSubmissionKeys
from .tenants import SqlTenants
from .tokens import SqlTokens
from .unreadable import SqlRows

_CLOCK: Final = select(func.clock_timestamp(type_=MOMENT))

Offset = Callable[[], timedelta]


class SqlWork:
    """A transaction that writes. On SQLite the store's clock is this process's, read inside the transaction."""

    def __init__(self, connection: Connection, offset: Offset) -> None:
        self._connection = connection
        self._offset = offset
        self.jobs = SqlJobs(connection, self.now)
        self.finished = SqlFinishedJobs(connection, self.now)
        self.gauges = SqlGauges(connection)
        self.seats = SqlSeats(connection, self.now)
        self.leases = SqlLeases(connection)
        self.queues = SqlQueues(connection)
        self.reading = SqlJobReading(connection)
        self.projects = SqlProjects(connection)
        self.accounts = SqlAccounts(connection)
        self.tokens = SqlTokens(connection, locking=True)
        self.passes, self.attempt_tokens = SqlPasses(connection), SqlAttemptTokens(connection)
        self.logs = SqlLogs(connection)
        self.runners, self.runner_events = SqlRunners(connection), SqlRunnerEvents(connection)
        self.keys = SqlSubmissionKeys(connection, self.now)
        self.intake = SqlIntake(connection, self.now)
        self.sealed = SqlSealedValues(connection)
        self.secrets = SqlSecrets(connection)
        self.leftovers = SqlLeftovers(connection)
        self.limits, self.use = SqlLimits(connection), SqlUse(connection)
        self.audit = SqlAudit(connection)

    def now(self) -> datetime:
        return self._clock() + self._offset()

    def commit(self) -> None:
        self._connection.commit()

    def _clock(self) -> datetime:
        return _store_time(self._connection)


class SqlReading:
    """A transaction that cannot write, over one state of the database."""

    def __init__(self, connection: Connection, offset: Offset) -> None:
        self._connection = connection
        self._offset = offset
        self.books = SqlBooks(connection)
        self.rows = SqlRows(connection)
        self.tenants = SqlTenants(connection)
        self.holdings = SqlHoldings(connection)
        self.gauges = SqlGauges(connection)
        self.crowds = SqlCrowds(connection)
        self.queues = SqlQueues(connection)
        self.jobs = SqlJobReading(connection)
        self.projects = SqlProjects(connection)
        self.accounts = SqlAccountReading(connection)
        self.tokens = SqlTokens(connection)
        self.passes, self.attempt_tokens = SqlPasses(connection), SqlAttemptTokens(connection)
        self.logs = SqlLogReading(connection)
        self.runners, self.runner_events = SqlRunnerReading(connection), SqlRunnerEvents(connection)
        self.seats = SqlSeatReading(connection)
        self.sealed = SqlSealedValues(connection)
        self.secrets = SqlSecrets(connection)
        self.limits, self.use = SqlLimits(connection), SqlUse(connection)
        self.audit = SqlAudit(connection)

    def now(self) -> datetime:
        return self._clock() + self._offset()

    def _clock(self) -> datetime:
        return _store_time(self._connection)


def _store_time(connection: Connection) -> datetime:
    if not has_arrays(connection):
        return datetime.now(UTC)
    told: datetime = connection.execute(_CLOCK).scalar_one()
    return told
