"""All use cases over a real database whose clock is told, and a way to it that can be cut."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.sql.store import SqlStore, open_store
from tests.integration.postgres import PostgresServer
from tests.integration.server import Server
from tests.integration.wellness import assert_database_is_well
from tests.proofs.stores import OnTheClock, migrated
from tests.unit.application.yard import Yard

from .proxy import Proxy


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrated(f"sqlite:///{file}")
    return file


@pytest.fixture
def postgresql(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a database with the newest schema, judged and dropped afterwards."""
    database = postgres_server.clone(postgres_server.template("migrated", migrated))
    url = postgres_server.url(database)
    yield url
    assert_database_is_well(url)
    postgres_server.drop(database)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "postgresql":
        yield request.getfixturevalue("postgresql")
        return
    file = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "store.db")
    yield f"sqlite:///{file}"
    assert_database_is_well(f"sqlite:///{file}")


@contextmanager
def yard_at(url: str) -> Iterator[Yard]:
    """A runner and its driver over the database at this URL."""
    store, clock = open_store(url), ManualClock()
    try:
        yield Yard(OnTheClock(store, clock.now), clock)
    finally:
        store.close()


@pytest.fixture
def yard(url: str) -> Iterator[Yard]:
    with yard_at(url) as yard:
        yield yard


@pytest.fixture
def proxy(
    postgres_server: PostgresServer, postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """Stands between a store and PostgreSQL."""
    with Proxy(postgresql) as proxy:
        yield proxy


@pytest.fixture
def through(proxy: Proxy) -> Iterator[SqlStore]:
    """A store that reaches PostgreSQL through the proxy."""
    store = open_store(proxy.url)
    yield store
    store.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Not started yet; closed and gone afterwards."""
    server = Server(tmp_path, "--slots", "4")
    yield server
    server.close()
