"""What servers and workers do about garbage."""

from pathlib import Path

import pytest

from tests.integration.garbage import Told
from tests.integration.installation import Installation

pytestmark = pytest.mark.servers


def test_no_search_for_garbage_goes_through_what_they_began_with(tmp_path: Path, installation: Installation) -> None:
    served, worked = Told(tmp_path, "serve"), Told(tmp_path, "worker")
    processes = installation.serve(**served.environment), installation.worker(**worked.environment)

    assert [each.end() for each in processes] == [0, 0]
    assert min(served.left_out, worked.left_out) > 100_000
    assert served.threshold == worked.threshold == 100
