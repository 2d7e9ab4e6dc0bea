import json
import socket
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from itertools import islice
from threading import Thread
from time import monotonic, sleep
from typing import Any

import httpx2
import pytest

from runyard.adapters.memory.rings import MemoryRings
from runyard.application.ports.rings import about_log
from runyard.entrypoints.http import log_stream
from tests.unit.application.yard import ended
from tests.unit.entrypoints.http.house import TOKEN

from .served import Served, served, wait_until


def events(response: httpx2.Response) -> Iterator[tuple[str, str, Any]]:
    """Name, id and data of each event."""
    said: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            said[name] = value
        elif "data" in said:
            yield said.pop("event"), said.pop("id"), json.loads(said.pop("data"))


def listening(server: Served) -> bool:
    return bool(server.yard.rings._listeners)


@pytest.fixture
def only_by_rings(monkeypatch) -> None:
    """Nobody looks by himself."""
    monkeypatch.setattr(log_stream, "SWEEP_SECONDS", 3600.0)


@pytest.mark.usefixtures("only_by_rings")
def test_a_job_is_followed_live_to_its_end_and_then_the_server_hangs_up(server) -> None:
    job = server.running()
    with server.client() as client, client.stream("GET", f"jobs/{job.id}/log/stream") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in response.headers
        told = events(response)
        assert next(told)[0] == "state"

        server.written(job, 0, "grün\n".encode())
        name, point, log = next(told)
        assert (name, point, log["data"]) == ("log", "1:6", "grün\n")

        server.yard.report(ended(job, 7, log_size=6), fence=job.fence)
        assert [(name, point, view["exit_code"]) for name, point, view in told] == [
            ("state", "1:6", 7),
            ("end", "1:6", 7),
        ]
    wait_until(lambda: not listening(server))


def test_a_lost_ring_costs_a_second_at_most() -> None:
    with served(rings=MemoryRings()) as server:
        job = server.running()
        with server.client() as client, client.stream("GET", f"jobs/{job.id}/log/stream") as response:
            told = events(response)
            next(told)
            server.written(job, 0, b"x")
            assert next(told)[0] == "log"
    assert log_stream.SWEEP_SECONDS == 1.0


class Counting:
    """A use case that counts how often it is asked."""

    def __init__(self) -> None:
        self.inner: Any = None
        self.asked = 0

    def execute(self, command: object) -> Any:
        self.asked += 1
        return self.inner.execute(command)


def test_a_quiet_job_is_looked_at_once_a_second() -> None:
    reads = Counting()
    with served(read_log=reads) as server:
        reads.inner = server.yard.read_log
        job = server.running()
        with server.client() as client, client.stream("GET", f"jobs/{job.id}/log/stream") as response:
            told = events(response)
            next(told)
            server.written(job, 0, b"x")
            next(told)
            sleep(0.2)  # until it has looked whether there is more, which nothing tells
            before, begun = reads.asked, monotonic()
            wait_until(lambda: reads.asked >= before + 2)
            assert reads.asked - before <= (monotonic() - begun) / log_stream.SWEEP_SECONDS + 1


def test_the_header_of_a_returning_client_wins_over_the_address(server) -> None:
    job = server.running()
    server.written(job, 0, b"abcdef")
    headers = {"Last-Event-ID": "1:4"}
    with server.client(**headers) as client, client.stream("GET", f"jobs/{job.id}/log/stream?after=1:1") as response:
        logs = [log for name, _, log in islice(events(response), 2) if name == "log"]

    assert [(log["offset"], log["data"]) for log in logs] == [(4, "ef")]


def test_every_byte_comes_once_through_any_number_of_broken_connections(server) -> None:
    job = server.running()
    data = bytes(range(256)) * 500 + "grün €\n".encode() * 5000
    step = 7001
    for begin in range(0, len(data), step):
        server.written(job, begin, data[begin : begin + step])
    server.yard.report(ended(job, log_size=len(data)), fence=job.fence)

    point, got, done, tries = "", b"", False, 0
    with server.client() as client:
        while not done:
            tries += 1
            headers = {"Last-Event-ID": point} if point else {}
            with client.stream("GET", f"jobs/{job.id}/log/stream", headers=headers) as response:
                for name, told, said in islice(events(response), 4):
                    point, done = told, name == "end"
                    if name == "log":
                        assert said["offset"] == len(got)
                        text = said["data"]
                        got += b64decode(text) if said["encoding"] == "base64" else text.encode()

    assert sha256(got).digest() == sha256(data).digest()
    assert tries > 2


def test_a_client_that_goes_away_is_forgotten(server) -> None:
    job = server.running()
    with server.client() as client, client.stream("GET", f"jobs/{job.id}/log/stream") as response:
        told = events(response)
        next(told)
        assert listening(server)

    wait_until(lambda: not listening(server))


def test_a_client_that_goes_away_while_it_does_not_read_is_forgotten(server) -> None:
    job = server.running()
    for begin in range(0, 32 << 20, 1 << 20):
        server.written(job, begin, _MEGABYTE)
    connection = _stuck(server, f"/api/v1/jobs/{job.id}/log/stream")
    wait_until(lambda: listening(server))
    sleep(0.3)  # until nothing more fits into what nobody reads, which nothing tells

    connection.close()

    wait_until(lambda: not listening(server))


def test_silence_is_broken_by_pings(server, monkeypatch) -> None:
    monkeypatch.setattr(log_stream, "PING_SECONDS", 0.1)
    job = server.running()
    with server.client() as client, client.stream("GET", f"jobs/{job.id}/log/stream") as response:
        lines = [line for line in islice(response.iter_lines(), 12) if line]

    assert lines[0] == "retry: 1000"
    assert ": ping" in lines


@pytest.mark.usefixtures("only_by_rings")
def test_streams_end_when_the_server_is_about_to_stop(server) -> None:
    jobs = [server.running(), server.running()]
    ended_well: list[str] = []

    def follow(job_id: str) -> None:
        with server.client() as client, client.stream("GET", f"jobs/{job_id}/log/stream") as response:
            for _ in response.iter_bytes():
                pass
        ended_well.append(job_id)

    threads = [Thread(target=follow, args=(job.id,)) for job in jobs]
    for thread in threads:
        thread.start()
    wait_until(lambda: all(about_log(job.id) in server.yard.rings._listeners for job in jobs))

    server.shutdown.begin()

    for thread in threads:
        thread.join()
    assert sorted(ended_well) == sorted(job.id for job in jobs)
    wait_until(lambda: not listening(server))


def test_a_client_that_does_not_read_does_not_keep_the_server_from_stopping() -> None:
    server = Served()
    job = server.running()
    for begin in range(0, 32 << 20, 1 << 20):
        server.written(job, begin, _MEGABYTE)
    stuck = [_stuck(server, f"/api/v1/jobs/{job.id}/log{part}") for part in ("", "/stream")]
    wait_until(lambda: listening(server))
    sleep(0.3)  # until nothing more fits into what nobody reads, which nothing tells

    server.stop()

    for connection in stuck:
        connection.close()


def test_many_followers_and_slow_ones_keep_nobody_else_waiting(server) -> None:
    job = server.running()
    for begin in range(0, 16 << 20, 1 << 20):
        server.written(job, begin, _MEGABYTE)
    with ExitStack() as stack:
        for number in range(60):
            part = "/stream" if number % 2 else ""
            stack.enter_context(_stuck(server, f"/api/v1/jobs/{job.id}/log{part}"))
        wait_until(lambda: listening(server))

        with server.client() as client:
            begun = monotonic()
            for _ in range(20):
                assert client.get(f"jobs/{job.id}").status_code == 200
            assert monotonic() - begun < 30, "who does not read is left after a minute, and not before"
    wait_until(lambda: not listening(server))


def test_head_of_a_stream_answers_and_is_over(server) -> None:
    job = server.running()
    with server.client() as client:
        answer = client.head(f"jobs/{job.id}/log/stream")

        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert client.get("jobs").status_code == 200
    wait_until(lambda: not listening(server))


_MEGABYTE = b"x" * (1 << 20)


def _stuck(server: Served, address: str) -> socket.socket:
    """Asks, and never reads the answer."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(f"GET {address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    return connection
