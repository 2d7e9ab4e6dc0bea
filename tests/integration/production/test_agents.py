"""Agents of an installation: several servers, a database that goes away."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runyard.domain.runners.agent import WAIT_SECONDS
from runyard.entrypoints.client.client import Client
from tests.integration.agents.box import Box
from tests.integration.agents.full import sized
from tests.integration.installation import Installation, Process
from tests.integration.postgres import PostgresServer
from tests.integration.server import until
from tests.integration.valkey import ValkeyServer
from tests.integration.wellness import assert_database_is_well

pytestmark = pytest.mark.servers

AWAY_SECONDS = sized(5, 30)
SPEAKS = 'until test -e {go}; do sleep 0.1; done; for i in $(seq 100); do echo "$RUNYARD_JOB_ID $i"; sleep 0.03; done'


class Served:
    """A server as machines are registered at it."""

    def __init__(self, process: Process) -> None:
        self.client, self.address = process.client, {"url": process.url}


def a_box(server: Process, folder: Path, name: str, **asked: Any) -> Box:
    return Box(Served(server), folder, name, **asked)  # type: ignore[arg-type] # as much of one as it needs


@pytest.fixture
def lasting(tmp_path: Path, own_postgres: PostgresServer, valkey: ValkeyServer) -> Iterator[Installation]:
    """On a database that can be stopped."""
    url = own_postgres.url(own_postgres.create())
    installation = Installation(tmp_path, url, valkey.url)
    installation.migrate()
    yield installation
    installation.close()
    assert_database_is_well(url)


def assert_ended_once(client: Client, jobs: list[str]) -> None:
    for job in jobs:
        done = client.wait(job, timeout=90)
        assert (done.state, done.attempt) == ("succeeded", 1)
        assert b"".join(client.logs(job)) == b"".join(b"%s %d\n" % (job.encode(), i) for i in range(1, 101))


def test_f16_jobs_of_an_agent_go_on_while_postgresql_is_away_and_are_told_of_afterwards(
    lasting: Installation, own_postgres: PostgresServer, tmp_path: Path
) -> None:
    server = lasting.serve()
    lasting.worker()
    box = a_box(server, tmp_path, "box", slots=4)
    try:
        box.start()
        with server.client() as client:
            script = SPEAKS.format(go=tmp_path / "go")
            jobs = [client.submit(script, placement={"runner": "box"}, on_lost="fail").id for _ in range(4)]
            until(lambda: all(client.get(job).state == "running" for job in jobs))
            own_postgres.stop(signal.SIGQUIT)
            (tmp_path / "go").touch()
            time.sleep(AWAY_SECONDS)  # the fault itself: how long PostgreSQL is away
            own_postgres.start()

            assert_ended_once(client, jobs)
    finally:
        box.close()


def test_a_job_submitted_to_one_server_reaches_an_agent_that_waits_at_another(
    installation: Installation, tmp_path: Path
) -> None:
    one, other = installation.serve(), installation.serve()
    installation.worker()
    box = a_box(one, tmp_path, "box")
    try:
        box.start()
        with other.client() as client:
            assert client.wait(client.submit(["true"], placement={"runner": "box"}), timeout=60).succeeded
            until(lambda: client.runners.get("box").busy == 0)
            time.sleep(1)  # until the agent waits for work again, which nothing tells
            begun = time.monotonic()
            assert client.wait(client.submit(["true"], placement={"runner": "box"}), timeout=60).succeeded
            assert time.monotonic() - begun < WAIT_SECONDS / 2, "it was told, and did not look by chance"
            long = client.submit("sleep 600", placement={"runner": "box"})
            until(lambda: client.get(long.id).state == "running")
            client.cancel(long)
            assert client.wait(long, timeout=60).state == "cancelled"
    finally:
        box.close()
