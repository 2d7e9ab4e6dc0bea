from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.installation import Installation
from tests.integration.postgres import PostgresServer, PostgresUnavailable, running_postgres
from tests.integration.valkey import ValkeyServer
from tests.integration.wellness import assert_database_is_well


@pytest.fixture
def installation(tmp_path: Path, postgres_url: str, valkey: ValkeyServer) -> Iterator[Installation]:
    """Migrated, nothing started yet; a short lease, so that takeovers are soon. Gone afterwards."""
    installation = Installation(tmp_path, postgres_url, valkey.url, RUNYARD_DRIVER_LEASE="3")
    installation.migrate()
    yield installation
    installation.close()
    assert_database_is_well(postgres_url)


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own, to stop and start; what it has committed survives an immediate stop."""
    try:
        with running_postgres(fsync="on", synchronous_commit="on", full_page_writes="on") as server:
            yield server
    except PostgresUnavailable as reason:
        pytest.skip(f"PostgreSQL cannot run here: {reason}")
