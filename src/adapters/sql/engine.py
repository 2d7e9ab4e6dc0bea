"""Connections to the database: how they are made, and how long anything may wait."""

import os
import socket
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.pool import QueuePool

from ...application.ports.room import StorageFull
from ...application.ports.work import StoreUnavailable
from .deadline import PromptConnection

APPLICATION: Final = f"runyard {os.getpid()} on {socket.gethostname()}"[:63]
"""How PostgreSQL calls the connections of this process."""

PATIENCE: Final = 10.0
"""Seconds that anything waits for a lock, and heartbeats and sweeps for a connection."""

_BUSY_SECONDS: Final = 2.0
"""Seconds that all others wait for one of PostgreSQL's connections: whoever asks learns soon that there is none."""
_STEADY_CONNECTIONS: Final = 2
_IDLE_SECONDS: Final = 60
_CONNECT_SECONDS: Final = 5
_OLDEST_SQLITE: Final = (3, 38)
_WAL_BYTES: Final = 64 << 20
_PAGE_BYTES: Final = 8192  # of a new file; output is stored a quarter faster than in the usual half of it
_DISK_FULL: Final = "53100"
_OUR_FAULT: Final = (IntegrityError, DataError, ProgrammingError, NotSupportedError)


class Gate(Protocol):
    """Whom a writer waits for before it may begin."""

    def __call__(self) -> AbstractContextManager[None]: ...


@dataclass(frozen=True, slots=True)
class Engines:
    """One for those who write and one for those who only read; writers pass the gate first.

    `steady` is for heartbeats and sweeps: however many others wait for a connection, these do not.
    """

    write: Engine
    read: Engine
    steady: Engine
    gate: Gate = field(default=nullcontext)

    def pools(self) -> dict[str, QueuePool]:
        """The pools of connections by name; PostgreSQL has one to write and read, SQLite one to write in any manner."""
        others = {"read": self.read.pool, "steady": self.steady.pool}
        named = {"write": self.write.pool} | {n: pool for n, pool in others.items() if pool is not self.write.pool}
        return {name: pool for name, pool in named.items() if isinstance(pool, QueuePool)}

    def close(self) -> None:
        for engine in (self.write, self.read, self.steady):
            engine.dispose()


def engines(url: str, *, connections: int) -> Engines:
    """Engines for this URL; nothing is connected yet."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, connections)
    if address.get_backend_name() not in {"postgresql", "postgres"}:
        raise ValueError(f"the database must be sqlite:///… or postgresql://…, not {address.get_backend_name()}://…")
    return _postgresql(address.set(drivername="postgresql+psycopg"), connections)


@contextmanager
def driver_errors_named() -> Iterator[None]:
    """What the database or the way to it does wrong becomes `StoreUnavailable`; what we do wrong stays what it is."""
    try:
        yield
    except PoolExhausted as error:
        raise StoreUnavailable("all connections to the database are in use") from error
    except DBAPIError as error:
        if isinstance(error, _OUR_FAULT):
            raise
        told = str(error.orig).strip().partition("\n")[0]
        if _no_room(error.orig):
            raise StorageFull(f"the database has no room left: {told}; free some space, and try again") from error
        raise StoreUnavailable(f"the database says: {told or type(error.orig).__name__}") from error


def _no_room(error: object) -> bool:
    full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return full or getattr(error, "sqlstate", None) == _DISK_FULL


def _postgresql(url: URL, connections: int) -> Engines:
    milliseconds = int(PATIENCE * 1000)
    options = {
        "timezone": "UTC",
        "jit": "off",
        "lock_timeout": milliseconds,
        "statement_timeout": milliseconds + 1000,  # so that a lock that is not had is named as such
        "idle_in_transaction_session_timeout": _IDLE_SECONDS * 1000,
    }
    arguments = {
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": APPLICATION,
        "tcp_user_timeout": milliseconds,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
    }

    def pool(size: int, wait: float) -> Engine:
        engine = create_engine(
            url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=wait,
            pool_recycle=1800,
            connect_args=arguments,
            hide_parameters=True,  # a log of the error would tell what jobs keep secret
        )
        event.listen(engine, "do_connect", _prompt_connection)
        return engine

    write = pool(connections, _BUSY_SECONDS)
    read = write.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(write, read, pool(_STEADY_CONNECTIONS, PATIENCE))


def _prompt_connection(_dialect: Any, _record: Any, args: Sequence[Any], named: Mapping[str, Any]) -> PromptConnection:
    return PromptConnection.connect(*args, **named)


def _sqlite(url: URL, connections: int) -> Engines:
    if url.database in {None, "", ":memory:"}:
        raise ValueError("SQLite needs a file; for a store without one there is the memory adapter")
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreUnavailable(f"SQLite 3.38 or newer is needed; this Python has {sqlite3.sqlite_version}")
    _keep_private(Path(url.database or ""))
    lock = Lock()

    @contextmanager
    def one_at_a_time() -> Iterator[None]:
        # SQLite's own wait is not fair: with eight writers one waited 1.6 s, with this lock 0.1 s.
        if not lock.acquire(timeout=PATIENCE):
            raise StoreUnavailable(f"another unit of work has been open for {PATIENCE:g} seconds")
        try:
            yield
        finally:
            lock.release()

    write = _sqlite_engine(url, 1, "BEGIN IMMEDIATE", query_only=False)
    return Engines(write, _sqlite_engine(url, connections, "BEGIN", query_only=True), write, one_at_a_time)


def _keep_private(file: Path) -> None:
    """Jobs may hold secrets: a new file is its owner's alone, and SQLite gives its logs the same permissions."""
    if file.parent.is_dir():
        file.touch(mode=0o600, exist_ok=True)


def _sqlite_engine(url: URL, connections: int, begin: str, *, query_only: bool) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=PATIENCE,
        connect_args={"check_same_thread": False, "timeout": PATIENCE},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in (
            f"page_size = {_PAGE_BYTES}",
            "journal_mode = WAL",
            f"wal_autocheckpoint = {_WAL_BYTES // _PAGE_BYTES}",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"journal_size_limit = {_WAL_BYTES}",
            f"query_only = {int(query_only)}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin_ourselves(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
