"""Real services, started once per session and only when a test asks for them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .postgres import PostgresServer, PostgresUnavailable, running_postgres
from .server import SERVERS
from .valkey import ValkeyServer, ValkeyUnavailable, running_valkey
from .wellness import assert_database_is_well


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL, or a loud skip with the reason why it cannot run here."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_postgres(in_memory=True))
        except PostgresUnavailable as reason:
            pytest.skip(f"PostgreSQL cannot run here: {reason}")
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh, empty database, dropped afterwards."""
    database = postgres_server.create()
    yield postgres_server.url(database)
    postgres_server.drop(database)


@pytest.fixture(autouse=True)
def all_is_well(tmp_path: Path) -> Iterator[None]:
    """Whatever a test did to a server, what is stored keeps the rules: judged once the server was closed, or beside it.

    The stores of `migrated_url` are judged by that fixture, before it drops them.
    """
    yield
    for server in [*SERVERS]:
        if server.closed:
            SERVERS.remove(server)
        if server.database.exists():
            assert_database_is_well(f"sqlite:///{server.database}", live=server.process is not None)


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    """A real Valkey, or a loud skip with the reason why it cannot run here."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_valkey())
        except ValkeyUnavailable as reason:
            pytest.skip(f"Valkey cannot run here: {reason}")
        yield server


@pytest.fixture
def valkey(valkey_server: ValkeyServer) -> Iterator[ValkeyServer]:
    """The same, empty, and running again afterwards whatever a test did to it."""
    with valkey_server.client() as client:
        client.flushall()
    yield valkey_server
    valkey_server.stop()
    valkey_server.start()
