"""Somebody who submits all the time, and remembers what was accepted."""

import time
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Self

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.errors import RunyardClientError
from tests.integration.installation import Process

LINES = 300
SCRIPT = (
    f"i=0; while [ $i -lt {LINES} ]; do echo line $i; i=$((i+1)); if [ $((i % 100)) = 0 ]; then sleep 0.3; fi; "
    "until [ $i != 100 ] || [ -e {go} ]; do sleep 0.1; done; done"
)
WRITTEN = sha256(b"".join(b"line %d\n" % number for number in range(LINES))).hexdigest()


def going_on_at(go: Path) -> str:
    """A job that writes a third of its lines, and the rest once there is this file."""
    return SCRIPT.replace("{go}", str(go))


class Load:
    """Submits small jobs through one server until the block ends; `accepted` are those answered with 2xx."""

    def __init__(self, server: Process, pause: float = 0.1) -> None:
        self._server, self._pause = server, pause
        self._stop = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self.accepted: list[str] = []
        self.refused = 0
        self.slowest = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Submit no more."""
        self._stop.set()
        self._thread.join(60)

    def _run(self) -> None:
        with self._server.client() as client:
            while not self._stop.wait(self._pause):
                begun = time.monotonic()
                try:
                    self.accepted.append(client.submit(["true"]).id)
                except RunyardClientError:
                    self.refused += 1
                self.slowest = max(self.slowest, time.monotonic() - begun)


def assert_all_ran_once(client: Client, jobs: list[str], seconds: float = 60) -> None:
    """Each succeeded, at its first attempt."""
    end = time.monotonic() + seconds
    for job in jobs:
        done = client.wait(job, timeout=max(0.1, end - time.monotonic()))
        assert (done.state, done.attempt) == ("succeeded", 1)


def assert_written_whole(client: Client, job: str) -> None:
    """All those lines, byte for byte, of a first attempt."""
    done = client.wait(job, timeout=60)
    assert (done.state, done.attempt) == ("succeeded", 1)
    assert sha256(b"".join(client.logs(job))).hexdigest() == WRITTEN
