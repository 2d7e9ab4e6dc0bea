"""A store in a real PostgreSQL."""

from collections.abc import Iterator

import pytest

from runyard.adapters.sql.store import SqlStore, open_store
from tests.integration.postgres import PostgresServer


def migrated(url: str) -> None:
    store = open_store(url)
    store.migrate()
    store.close()


@pytest.fixture
def migrated_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a database with the newest schema, dropped afterwards."""
    database = postgres_server.clone(postgres_server.template("migrated", migrated))
    yield postgres_server.url(database)
    postgres_server.drop(database)


@pytest.fixture
def store(migrated_url: str) -> Iterator[SqlStore]:
    store = open_store(migrated_url)
    yield store
    store.close()
