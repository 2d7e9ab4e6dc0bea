import resource
from hashlib import sha256
from pathlib import Path
from time import sleep

import pytest

from tests.unit.application.yard import ended

MEGABYTES = 200
_PIECE = bytes(range(256)) * 4096  # one object, so that the yard itself needs no memory for a log of many


def resident() -> int:
    """Bytes of memory this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@pytest.fixture
def job(server):
    job = server.running()
    for number in range(MEGABYTES):
        server.written(job, number * len(_PIECE), _PIECE)
    server.yard.report(ended(job, log_size=MEGABYTES * len(_PIECE)), fence=job.fence)
    return job


def test_a_log_of_200_mb_comes_whole_and_takes_little_memory(server, job) -> None:
    expected, got, most = sha256(), sha256(), 0
    for _ in range(MEGABYTES):
        expected.update(_PIECE)
    before = resident()
    with server.client() as client, client.stream("GET", f"jobs/{job.id}/log") as response:
        for number, piece in enumerate(response.iter_raw()):
            got.update(piece)
            if number < 3:
                sleep(0.3)
            if number % 50 == 0:
                most = max(most, resident())

    assert got.digest() == expected.digest()
    assert most - before < 40 << 20


def test_a_log_that_grows_meanwhile_ends_where_it_ended_when_it_was_asked_for(server) -> None:
    job = server.running()
    for number in range(32):
        server.written(job, number * len(_PIECE), _PIECE)
    end = 32 * len(_PIECE) + 3
    server.written(job, end - 3, b"end")
    with server.client() as client, client.stream("GET", f"jobs/{job.id}/log") as response:
        pieces = response.iter_raw()
        got = bytearray(next(pieces))
        server.written(job, end, b"later")
        for piece in pieces:
            got += piece

    assert len(got) == end == int(response.headers["content-length"])
    assert got.endswith(b"end")
