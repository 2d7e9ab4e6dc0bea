"""What a server that runs for long does about garbage."""

from pathlib import Path

import pytest

from tests.integration.garbage import Told
from tests.integration.server import Server

pytestmark = pytest.mark.servers


def test_no_search_for_garbage_goes_through_what_a_server_began_with(tmp_path: Path) -> None:
    told = Told(tmp_path, "up")
    server = Server(tmp_path, "--slots", "1", **told.environment)
    server.start()
    server.close()

    assert told.left_out > 100_000
    assert told.threshold == 100
