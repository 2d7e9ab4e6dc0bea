"""`runyard up` and its supervisor are killed, stopped and restarted while jobs of all kinds run.

`make chaos STORE=sqlite JOBS=10000 KILLS=50 STOPS=10 RESTARTS=5 SEED=1` for the whole of it; CI runs a small one.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.server import Server, processes_with

from .driver import run_chaos
from .embedded import Embedded
from .plan import Plan

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(0)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, "--slots", "16")
    yield server
    server.close()


def test_f1_f8_f30_every_acknowledged_job_ends_once_with_all_its_output(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        run_chaos(Embedded(server), Plan.asked(kills=6), tmp_path)

    assert server.stop() == 0
    assert processes_with(str(server.data_dir)) == []
