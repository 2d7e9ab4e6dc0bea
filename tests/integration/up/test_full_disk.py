"""F21: the disk under the data directory is full. Submissions are refused, what runs goes on, and it passes."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from runyard.entrypoints.client.errors import RunyardClientError
from tests.integration.disks import DiskUnavailable, fill, small_disk
from tests.integration.server import Server, until

pytestmark = pytest.mark.servers

SIZE = 64 << 20
FLOOR = 16 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB."""
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(small_disk(tmp_path / "disk", SIZE))
        except DiskUnavailable as reason:
            pytest.skip(f"no small disk can be had here: {reason}")
        yield disk


@pytest.fixture
def server(disk: Path, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, "--slots", "4", RUNYARD_MIN_FREE_BYTES=str(FLOOR))
    server.data_dir = disk / "data"
    yield server
    server.close()


@pytest.mark.servers
def test_a_full_disk_refuses_submissions_lets_jobs_run_and_heals(server: Server, disk: Path):
    server.start()
    ballast = disk / "ballast"
    with server.client() as yard:
        go = disk.parent / "go"
        job = yard.submit(
            f"for n in $(seq 60); do echo line $n; sleep 0.1; done; until test -e {go}; do sleep 0.1; done"
        )
        until(lambda: b"".join(yard.logs(job)))

        fill(ballast, FLOOR // 2)
        with pytest.raises(RunyardClientError, match="MiB left") as refused:
            yard.submit(["true"])
        assert (refused.value.status, refused.value.code) == (503, "storage-full")
        assert yard.get(job.id).state == "running"

        fill(ballast)
        time.sleep(2)
        assert yard.get(job.id).state == "running"
        assert server.process is not None
        assert server.process.poll() is None

        ballast.unlink()
        until(lambda: yard.submit(["true"]))
        go.touch()
        done = yard.wait(job, timeout=60)
        assert done.state == "succeeded"
        assert b"".join(yard.logs(job)).splitlines() == [b"line %d" % n for n in range(1, 61)]
