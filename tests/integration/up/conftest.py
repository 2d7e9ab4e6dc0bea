from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Not started yet; closed and gone afterwards."""
    server = Server(tmp_path, "--slots", "4")
    yield server
    server.close()
