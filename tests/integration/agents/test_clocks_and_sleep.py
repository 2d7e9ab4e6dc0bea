"""Machines that stand still, and machines whose clock leaps: leases are counted by what neither of them changes."""

import os
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from mmap import mmap
from pathlib import Path

import pytest

from runyard.entrypoints.agent.home import Home
from runyard.entrypoints.client.client import Client
from tests.integration.server import Server, until

from .box import Box, supervisors
from .hurried import a_hurried_server
from .witnesses import ZONE, Witnesses

pytestmark = pytest.mark.servers

HOUR = 3600
ANOTHER_CLOCK = Path(__file__).with_name("another_clock.c")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = a_hurried_server(tmp_path_factory.mktemp("yard"), 4)
    yield server
    server.close()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.client() as client:
        yield client
        client.runners.cordon("local")


@pytest.fixture
def box(server: Server, client: Client, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    """Registered, and not started yet."""
    box = Box(server, tmp_path, request.node.name[:40], slots=4)
    client.runners.edit(box.name, labels={"zone": ZONE})
    yield box
    box.close()


def test_f60_a_machine_that_stood_still_ends_what_was_taken_from_it_and_starts_nothing(
    client: Client, box: Box, tmp_path: Path
) -> None:
    """Agent, supervisor, guard and jobs are stopped; the first three go on when the jobs run elsewhere."""
    box.start()
    witnesses = Witnesses(client, tmp_path / "witnesses")
    witnesses.start(4)
    client.runners.uncordon("local")
    assert witnesses.kept(box)
    assert box.process is not None
    keepers, jobs = [box.process.pid, *supervisors(box.folder / "host")], witnesses.processes(1)
    for pid in [*keepers, *jobs]:
        os.kill(pid, signal.SIGSTOP)
    try:
        witnesses.live(2)
    finally:
        for pid in keepers:
            with suppress(ProcessLookupError):  # another guard took its place
                os.kill(pid, signal.SIGCONT)
    until(lambda: witnesses.processes(1) == [])

    assert min(witnesses.apart()) > 0
    until(lambda: not witnesses.kept(box))
    assert [(job.state, job.attempt, job.runner) for job in witnesses.end()] == [("succeeded", 2, "local")] * 4


def test_f64_a_clock_that_leaps_an_hour_and_back_changes_no_lease(client: Client, box: Box, tmp_path: Path) -> None:
    with another_clock(box, tmp_path) as set_ahead:
        box.start()
        witnesses = Witnesses(client, tmp_path / "witnesses")
        witnesses.start(4)
        for seconds in (HOUR, 0):
            set_ahead(seconds)
            until(lambda: abs(Home(box.folder).told().get("at", 0) - time.time() - seconds) < HOUR / 2)  # noqa: B023 - called at once
            before = renewed(client, witnesses)
            until(lambda: renewed(client, witnesses) > before)  # noqa: B023 - called at once
            left = renewed(client, witnesses).timestamp() - time.time()
            assert left < 10, "the server counts by its own clock"

        assert [(job.state, job.attempt) for job in witnesses.end()] == [("succeeded", 1)] * 4


@contextmanager
def another_clock(box: Box, folder: Path) -> Iterator[Callable[[int], None]]:
    """What is started in this box goes by a clock that can be set: so many seconds ahead."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler here, and without one no clock that only an agent sees")
    library, ahead = folder / "another_clock.so", folder / "ahead"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(ANOTHER_CLOCK), "-ldl"], check=True)
    ahead.write_bytes(bytes(8))
    box.environment |= {"LD_PRELOAD": str(library), "AHEAD": str(ahead)}
    with ahead.open("r+b") as file, mmap(file.fileno(), 8) as seen:

        def set_ahead(seconds: int) -> None:
            seen[:] = struct.pack("q", seconds)

        yield set_ahead


def renewed(client: Client, witnesses: Witnesses) -> datetime:
    """When the lease ends that ends first."""
    until_when = [client.attempts(job)[0].lease_until for job in witnesses.jobs]
    return min(each for each in until_when if each is not None)
