"""Servers, workers, supervisors, PostgreSQL and Valkey are killed, stopped and emptied while jobs of all kinds run.

`make chaos JOBS=10000 KILLS=50 STOPS=10 RESTARTS=5 SEED=1` for the whole of it, with `REDIS=flushed` every second or
with `REDIS=stopped`; CI runs a small one.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.installation import Installation
from tests.integration.postgres import PostgresServer, running_postgres
from tests.integration.valkey import ValkeyServer

from .driver import run_chaos
from .plan import LEASE, Plan
from .production import Production

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(0)]

PLAN = Plan.asked()


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """One of its own, to be killed; what it answers as committed survives that."""
    with running_postgres(in_memory=True, synchronous_commit="on") as server:
        yield server


@pytest.fixture
def installation(tmp_path: Path, postgres: PostgresServer, valkey: ValkeyServer) -> Iterator[Installation]:
    url = postgres.url(postgres.create())
    installation = Installation(tmp_path, url, valkey.url, RUNYARD_DRIVER_LEASE=str(LEASE))
    installation.migrate()
    yield installation
    installation.close()


def test_f1_f3_f6_f8_f16_f19_f33_f34_f35_every_acknowledged_job_ends_once_with_all_its_output(
    installation: Installation,
    postgres: PostgresServer,
    valkey: ValkeyServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    house = Production(installation, postgres, valkey, runners=2 if PLAN.kills >= 20 else 1)

    with capsys.disabled():
        run_chaos(house, PLAN, tmp_path)
