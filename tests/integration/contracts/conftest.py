"""A store in a real PostgreSQL."""

from collections.abc import Callable, Iterator

import pytest

from runyard.adapters.sql.store import SqlStore, open_store
from tests.integration.postgres import PostgresServer
from tests.integration.wellness import OF_THE_STORE, assert_database_is_well
from tests.proofs.stores import emptied, migrated


@pytest.fixture
def migrated_url(request: pytest.FixtureRequest, postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a database with the newest schema, dropped afterwards; what the store keeps is judged first."""
    database = postgres_server.clone(postgres_server.template("migrated", migrated))
    url = postgres_server.url(database)
    yield url
    try:
        if request.node.get_closest_marker("made_up") is None:
            assert_database_is_well(url, OF_THE_STORE)
    finally:
        postgres_server.drop(database)


@pytest.fixture
def store(migrated_url: str) -> Iterator[SqlStore]:
    store = open_store(migrated_url)
    yield store
    store.close()


@pytest.fixture
def empty_store(store: SqlStore) -> Callable[[], SqlStore]:
    """The store without anything in it, as often as it is asked for."""
    return lambda: emptied(store)
