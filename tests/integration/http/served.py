"""The door over a memory yard behind a real server, in a thread."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import Any

import httpx2

from runyard.application.ports.executor import Started
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.log import Stream
from runyard.entrypoints.http.app import create_app
from runyard.entrypoints.http.shutdown import Shutdown
from runyard.entrypoints.serving import GracefulServer, Manners
from tests.integration.wellness import assert_all_is_well
from tests.unit.application.yard import MemoryYard
from tests.unit.entrypoints.http.house import WITH_TOKEN, output, provided_by


class Served:
    """Serves until it is stopped, as `runyard up` does."""

    def __init__(self, *, manners: Manners | None = None, **changes: Any) -> None:
        self.yard = MemoryYard()
        self.shutdown = Shutdown()
        app = create_app(provided_by(self.yard, shutdown=self.shutdown, **changes))
        self._server = GracefulServer(app, self.shutdown, lambda: None, manners or Manners())
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started)

    def client(self, **headers: str) -> httpx2.Client:
        url = f"http://127.0.0.1:{self.port}/api/v1/"
        return httpx2.Client(base_url=url, headers={**WITH_TOKEN, **headers}, timeout=60, trust_env=False)

    @property
    def connections(self) -> set[Any]:
        """Those that are open."""
        return self._server.server_state.connections

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def answers(self) -> bool:
        with self.client() as client:
            return client.get("jobs").status_code == 200

    def running(self) -> Job:
        job = self.yard.assigned()
        self.yard.report(Started(job.ref, "group"), fence=job.fence)
        return job

    def written(self, job: Job, offset: int, data: bytes) -> None:
        self.yard.append(output(job, offset, (Stream.STDOUT, data)), fence=job.fence)

    def stop(self) -> None:
        """Stop it; long before the minute after which whoever does not read is left anyhow."""
        self.shutdown.begin()
        self._server.should_exit = True
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()
        self._socket.close()
        assert_all_is_well(self.yard.store.read)


@contextmanager
def served(**changes: Any) -> Iterator[Served]:
    server = Served(**changes)
    try:
        yield server
    finally:
        server.stop()


def wait_until(true: Any, seconds: float = 60) -> None:
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "it never came true"
        sleep(0.01)
