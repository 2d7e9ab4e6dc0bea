"""One transaction over everything there is; use cases see as much of it as they ask for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from .arrays import has_arrays
from .books import SqlBooks
from .columns import MOMENT
from .jobs import SqlJobs
from .logs import SqlLogReading, SqlLogs
from .reading import SqlJobReading
from .runners import SqlRunnerReading, SqlRunners
from .submission_keys import SqlSubmissionKeys

_CLOCK: Final = select(func.clock_timestamp(type_=MOMENT))

Offset = Callable[[], timedelta]


class SqlWork:
    """A transaction that writes. On SQLite the store's clock is this process's, read inside the transaction."""

    def __init__(self, connection: Connection, offset: Offset) -> None:
        self._connection = connection
        self.now = _StoreClock(connection, offset)
        self.jobs = SqlJobs(connection, self.now)
        self.reading = SqlJobReading(connection)
        self.logs = SqlLogs(connection)
        self.runners = SqlRunners(connection)
        self.keys = SqlSubmissionKeys(connection, self.now)

    def commit(self) -> None:
        self._connection.commit()


class SqlReading:
    """A transaction that cannot write, over one state of the database."""

    def __init__(self, connection: Connection, offset: Offset) -> None:
        self.now = _StoreClock(connection, offset)
        self.books = SqlBooks(connection, self.now)
        self.jobs = SqlJobReading(connection)
        self.logs = SqlLogReading(connection)
        self.runners = SqlRunnerReading(connection)


class _StoreClock:
    """The time by the store's clock: the database's, or on SQLite that of this process."""

    def __init__(self, connection: Connection, offset: Offset) -> None:
        self._connection = connection
        self._offset = offset

    def __call__(self) -> datetime:
        if not has_arrays(self._connection):
            return datetime.now(UTC) + self._offset()
        told: datetime = self._connection.execute(_CLOCK).scalar_one()
        return told + self._offset()
