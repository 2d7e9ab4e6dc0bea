"""Two hosts: one dies, or its worker is gone or deaf, and what ran there runs on the other, never on both at once."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import pytest

from runyard.entrypoints.client.client import Client
from tests.integration.installation import Installation, Process
from tests.integration.server import processes_with, until
from tests.integration.stalling import Way, way
from tests.integration.valkey import ValkeyServer
from tests.integration.wellness import assert_database_is_well

pytestmark = pytest.mark.servers

SCRIPT = """
while :; do date +%s.%N >> {witness}-$RUNYARD_ATTEMPT; sleep 0.05; done
"""


class Hosts:
    """Two machines, as far as one can play two: each has a data directory and a runner of its own."""

    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        self.here, self.there = (self._host(folder / name, database_url, redis_url, name) for name in ("here", "there"))
        self.witness = folder / "witness"

    @staticmethod
    def _host(folder: Path, database_url: str, redis_url: str, name: str) -> Installation:
        folder.mkdir()
        host = Installation(
            folder,
            database_url,
            redis_url,
            RUNYARD_RUNNER_NAME=name,
            RUNYARD_DRIVER_LEASE="3",
            RUNYARD_ATTEMPT_LEASE="1",
        )
        host.program = "tests.integration.production.in_a_hurry"
        return host

    def running_here(self, client: Client, here: Process) -> str:
        """A job that runs on this host and writes down when; the other host is there, and has nothing to do."""
        assert here.runs
        job = client.submit(SCRIPT.format(witness=self.witness), grace_period=0.5).id
        until(lambda: client.get(job).state == "running" and self.times(1))
        return job

    def times(self, attempt: int) -> list[float]:
        """When the processes of an attempt lived."""
        file = Path(f"{self.witness}-{attempt}")
        return [float(line) for line in file.read_text().splitlines()[:-1]] if file.exists() else []


@pytest.fixture
def hosts(tmp_path: Path, postgres_url: str, valkey: ValkeyServer) -> Iterator[Hosts]:
    hosts = Hosts(tmp_path, postgres_url, valkey.url)
    hosts.here.migrate()
    hosts.there.migrate()
    yield hosts
    hosts.here.close()
    hosts.there.close()
    assert_database_is_well(postgres_url)


def test_f59_the_jobs_of_a_host_that_died_run_on_another_within_their_lease_and_two_seconds(
    hosts: Hosts, record_property: Callable[[str, object], None]
) -> None:
    server = hosts.there.serve()
    here = hosts.here.worker("--local", "--slots", "2")
    with server.client() as client:
        job = hosts.running_here(client, here)
        hosts.there.worker("--local", "--slots", "2")
        (attempt,) = client.attempts(job)
        assert attempt.lease is not None

        died = time.time()
        _kill_everything(str(hosts.here.data_dir))
        until(lambda: hosts.times(2))
        began = min(hosts.times(2)) - died
        ran = client.attempts(job)
        assert ran[1].claimed_at is not None
        took = ran[1].claimed_at.timestamp() - died
        client.cancel(job)
        done = client.wait(job, timeout=60)

    record_property("seconds until it was claimed elsewhere", round(took, 2))
    print(f"claimed elsewhere after {took:.2f} s, running after {began:.2f} s; the lease was {attempt.lease} s")
    assert took < attempt.lease + 2
    assert [each.runner for each in ran] == ["here", "there"]
    assert (ran[0].ending, done.state) == ("lost", "cancelled")


@pytest.mark.parametrize("fault", ["stopped", "cut off from its database"])
def test_f59_f60_a_tree_whose_worker_is_gone_is_dead_before_the_next_one_begins(
    hosts: Hosts, postgres_url: str, fault: str, record_property: Callable[[str, object], None]
) -> None:
    server = hosts.there.serve()
    with silenceable(postgres_url) as (url, link), server.client() as client:
        here = hosts.here.worker("--local", "--slots", "2", RUNYARD_DATABASE_URL=url)
        job = hosts.running_here(client, here)
        hosts.there.worker("--local", "--slots", "2")
        if fault == "stopped":
            here.send(signal.SIGSTOP)
        else:
            link.stall()
        until(lambda: hosts.times(2))
        apart = min(hosts.times(2)) - max(hosts.times(1))

        link.flow()
        here.send(signal.SIGCONT)
        time.sleep(3)
        assert [each.runner for each in client.attempts(job)] == ["here", "there"]
        assert client.get(job).state == "running"
        client.cancel(job)
        assert client.wait(job, timeout=60).state == "cancelled"
        assert len({round(each, 6) for each in hosts.times(1)}) == len(hosts.times(1))

    record_property("seconds between the last of the old tree and the first of the new one", round(apart, 2))
    print(f"{fault}: the new tree began {apart:.2f} s after the end of the old one")
    assert apart > 0


@contextmanager
def silenceable(url: str) -> Iterator[tuple[str, Way]]:
    """The same database, through a way that can fall silent."""
    (folder,), name = parse_qs(urlsplit(url).query)["host"], ".s.PGSQL.5432"
    with (
        TemporaryDirectory(prefix="runyard-wy-", dir="/tmp") as near,
        way(Path(near) / name, Path(folder) / name) as opened,
    ):
        yield url.replace(folder, near), opened


def _kill_everything(data_dir: str) -> None:
    """Worker, supervisor, guard and tree of a host: no one of them gets a chance to look after another."""
    while found := processes_with(data_dir):
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
