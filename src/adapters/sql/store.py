"""The store: where units of work begin."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from .backup import back_up, back_up_before
from .checks import check_alone, check_durability, check_sound
from .deadline import without_deadline
from .engine import PATIENCE, Engines, driver_errors_named, engines
from .migrations.running import check_revision, is_outdated, migrate
from .work import Offset, SqlReading, SqlWork


def _no_offset() -> timedelta:
    return timedelta()


class SqlStore:
    """A database that many threads use at once."""

    def __init__(self, engines: Engines, offset: Offset) -> None:
        self._engines = engines
        self._offset = offset

    @contextmanager
    def begin(self) -> Iterator[SqlWork]:
        """A unit of work that may write; `StoreUnavailable` when the database fails or is too busy."""
        with driver_errors_named(), self._engines.gate(), self._engines.write.connect() as connection:
            yield SqlWork(connection, self._offset)

    @contextmanager
    def begin_steady(self) -> Iterator[SqlWork]:
        """The same for heartbeats and sweeps, whose connections nobody else takes."""
        with driver_errors_named(), self._engines.gate(), self._engines.steady.connect() as connection:
            yield SqlWork(connection, self._offset)

    @contextmanager
    def read(self) -> Iterator[SqlReading]:
        """A look at the last commit; it never waits for a writer."""
        with driver_errors_named(), self._engines.read.connect() as connection:
            yield SqlReading(connection, self._offset)

    def migrate(self) -> None:
        """Bring the schema up to date; processes that do so at once wait for each other.

        A SQLite file of an older version is copied first, beside itself.
        """
        if self._engines.write.dialect.name == "sqlite" and self.outdated():
            back_up_before(self._engines.write)
        with (
            driver_errors_named(),
            self._engines.gate(),
            self._engines.write.connect() as connection,
            without_deadline(connection),
        ):
            migrate(connection)

    def answers(self) -> None:
        """Does nothing if the database answers; else `StoreUnavailable`."""
        with driver_errors_named(), self._engines.steady.connect() as connection:
            connection.execute(text("select 1"))

    def current(self) -> None:
        """Does nothing if the database has this version's schema; else `StoreUnavailable`, with what to do."""
        with driver_errors_named(), self._engines.steady.connect() as connection:
            check_revision(connection)

    def back_up(self, copy: Path) -> None:
        """One moment of a SQLite store as a new file, whoever uses it meanwhile."""
        with driver_errors_named():
            back_up(self._engines.write, copy)

    def sound(self) -> None:
        """Does nothing if the pages of a SQLite file fit together; else `StoreUnfit`."""
        with driver_errors_named(), self._engines.steady.connect() as connection:
            check_sound(connection)

    def alone(self) -> None:
        """Does nothing if no other process of ours is connected to the database; else `StoreInUse`."""
        with driver_errors_named(), self._engines.steady.connect() as connection:
            check_alone(connection)

    def outdated(self) -> bool:
        """Whether there is a schema, and it is of an older version."""
        with driver_errors_named(), self._engines.steady.connect() as connection:
            return is_outdated(connection)

    def durable(self) -> None:
        """Does nothing if the database keeps what it has committed through a crash; else `StoreUnfit`."""
        with driver_errors_named(), self._engines.steady.connect() as connection:
            check_durability(connection)

    def tidy(self) -> None:
        """Give back what a long reader made SQLite's log grow to. For idle moments; gives up instead of waiting."""
        if self._engines.write.dialect.name != "sqlite":
            return
        with driver_errors_named(), self._engines.gate(), self._engines.write.connect() as connection:
            cursor = connection.connection.cursor()
            for pragma in ("busy_timeout = 0", "wal_checkpoint(TRUNCATE)", f"busy_timeout = {PATIENCE * 1000:.0f}"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    def pools(self) -> dict[str, tuple[int, int]]:
        """How many connections of each pool are in use, and how many it may have."""
        return {name: (pool.checkedout(), pool.size()) for name, pool in self._engines.pools().items()}

    def close(self) -> None:
        """Give all connections back."""
        self._engines.close()


def open_store(url: str, *, connections: int = 10, offset: Offset = _no_offset) -> SqlStore:
    """The store at this URL; at most so many connections. `offset` moves its clock, for tests."""
    return SqlStore(engines(url, connections=connections), offset)
