"""Real services, started once per session and only when a test asks for them."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from .postgres import PostgresServer, PostgresUnavailable, running_postgres


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
