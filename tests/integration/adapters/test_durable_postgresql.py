"""A database that keeps what it commits is fit; each thing that would let it forget is named."""

from collections.abc import Iterator

import pytest

from runyard.adapters.sql.checks import StoreUnfit
from runyard.adapters.sql.store import open_store
from tests.integration.postgres import PostgresServer, PostgresUnavailable, running_postgres


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgresServer]:
    try:
        with running_postgres(fsync="on", synchronous_commit="on", full_page_writes="on") as server:
            yield server
    except PostgresUnavailable as reason:
        pytest.skip(f"PostgreSQL cannot run here: {reason}")


def test_it_is_fit(durable: PostgresServer) -> None:
    store = open_store(durable.url(durable.create()))
    store.durable()
    store.close()


def test_commits_that_are_not_waited_for_are_named(durable: PostgresServer) -> None:
    database = durable.create()
    durable.run("ALTER DATABASE {} SET synchronous_commit = off", database)
    store = open_store(durable.url(database))

    with pytest.raises(StoreUnfit, match="synchronous_commit is off"):
        store.durable()
    store.close()
