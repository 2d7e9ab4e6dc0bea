from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.installation import Installation
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
