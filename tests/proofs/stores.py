"""Stores as proofs need them: on a clock that is told, and with commits that may go wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, delete, text

from runyard.adapters.sql.store import SqlStore, open_store
from runyard.adapters.sql.tables.projects import PROJECT
from runyard.adapters.sql.tables.schema import SCHEMA
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.accounts.ids import AccountId
from runyard.domain.accounts.projects import DEFAULT_PROJECT
from runyard.domain.jobs.ids import JobId
from runyard.domain.runners.ids import RunnerId
from tests.contracts.stores import Read, Store, Work


def migrated(url: str) -> None:
    """The newest schema, at this URL."""
    store = open_store(url)
    store.migrate()
    store.close()


class Breaking:
    """A store whose next commit may fail: `before` it is durable, or `after`, so that nobody hears of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.breaks: str | None = None
        self.commits = 0

    @contextmanager
    def begin(self) -> Iterator[Any]:
        with self._store.begin() as work:
            yield _BreakingWork(work, self)

    @contextmanager
    def read(self) -> Iterator[Read]:
        with self._store.read() as reading:
            yield reading

    def commit(self, work: Work) -> None:
        breaks, self.breaks = self.breaks, None
        if breaks == "before":
            raise StoreUnavailable("cut off before the commit")
        work.commit()
        self.commits += 1
        if breaks == "after":
            raise StoreUnavailable("cut off after the commit")


class _BreakingWork:
    def __init__(self, work: Work, store: Breaking) -> None:
        self._work, self._store = work, store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)

    def commit(self) -> None:
        self._store.commit(self._work)


class OnTheClock:
    """A SQL store that goes by a clock of ours, to the microsecond, so that stores can be compared."""

    def __init__(self, store: SqlStore, now: Callable[[], Any]) -> None:
        self._store, self._now = store, now

    @contextmanager
    def begin(self) -> Iterator[Any]:
        with self._store.begin() as work:
            work._clock = self._now  # type: ignore[method-assign]
            yield work

    @contextmanager
    def read(self) -> Iterator[Any]:
        with self._store.read() as reading:
            reading._clock = self._now  # type: ignore[method-assign]
            yield reading


@contextmanager
def forgetful(connection: Connection) -> Iterator[None]:
    """In here the audit trail lets itself be removed, as it does for nobody else."""
    sqlite = connection.dialect.name == "sqlite"
    kept = "select name, sql from sqlite_master where type = 'trigger' and tbl_name = 'audit'"
    triggers = connection.execute(text(kept)).all() if sqlite else []
    for name, _ in triggers:
        connection.exec_driver_sql(f"drop trigger {name}")
    if not sqlite:
        connection.exec_driver_sql("alter table audit disable trigger user")
    yield
    for _, sql in triggers:
        connection.exec_driver_sql(sql)
    if not sqlite:
        connection.exec_driver_sql("alter table audit enable trigger user")


def emptied(store: SqlStore) -> SqlStore:
    """The store without a row but the project that is always there."""
    with store.begin() as work:
        with forgetful(work._connection):
            for table in reversed(SCHEMA.sorted_tables):
                rows = delete(table).where(PROJECT.c.name != DEFAULT_PROJECT) if table is PROJECT else delete(table)
                work._connection.execute(rows)
        work.commit()
    return store


class Numbered:
    """Identities in a row: the same for every store that is asked the same."""

    def __init__(self) -> None:
        self._last = 0

    def job_id(self) -> JobId:
        return JobId(self._next("7000"))

    def runner_id(self) -> RunnerId:
        return RunnerId(self._next("7001"))

    def coming(self, many: int) -> list[JobId]:
        """The next ids of jobs."""
        return [JobId(_written("7000", self._last + number)) for number in range(1, many + 1)]

    def account_id(self) -> AccountId:
        return AccountId(self._next("7002"))

    def _next(self, kind: str) -> str:
        self._last += 1
        return _written(kind, self._last)


def _written(kind: str, number: int) -> str:
    return f"01900000-0000-{kind}-8000-{number:012x}"
