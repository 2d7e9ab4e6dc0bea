"""Real services, started once per session and only when a test asks for them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .postgres import PostgresServer, PostgresUnavailable, running_postgres
from .server import SERVERS
from .wellness import assert_database_is_well


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL, or a loud skip with the reason why it cannot run here."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_postgres())
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
