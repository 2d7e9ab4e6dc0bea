"""Jobs of all kinds while the server is killed again and again: nothing is lost, doubled or garbled.

`RUNYARD_KILLS` and `RUNYARD_SEED` make it longer or different; CI runs five kills.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Self

import pytest

from runyard.entrypoints.client.errors import RunyardClientError
from runyard.entrypoints.client.jobs import Job
from tests.integration.server import Server, processes_with, until

from .load import Wanted

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

KILLS = int(os.environ.get("RUNYARD_KILLS", "5"))
JOBS = min(100, 20 * KILLS)
SEED = int(os.environ.get("RUNYARD_SEED", "1"))
MARK = f"chaos-{os.getpid()}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, "--slots", "8")
    server.start()
    yield server
    server.close()


def test_every_acknowledged_job_ends_once_with_all_its_output(server: Server, tmp_path: Path) -> None:
    dice = random.Random(SEED)  # noqa: S311 - a seed must give the same run again
    starts = tmp_path / "starts"
    load = [Wanted.by_chance(number, dice) for number in range(JOBS)]

    with _killing(server, dice) as killer:
        accepted: dict[int, str] = {}
        for wanted in load:
            job = _insisting(partial(_submit, server, wanted, starts))
            accepted[wanted.number] = job.id
            time.sleep(dice.uniform(0, 0.2) * KILLS / 5)
        killer.join()
        ended = {wanted.number: _end_of(server, accepted[wanted.number]) for wanted in load}

    with server.client() as client:
        # A submission whose answer was cut off made a job too, that nobody has waited for yet.
        everything = [client.wait(job, timeout=60) for job in client.list()]
        for wanted in load:
            job = ended[wanted.number]
            assert (job.exit_code, job.state) == (wanted.code, "succeeded" if wanted.code == 0 else "failed"), job
            assert [attempt.started_at is not None for attempt in client.attempts(job)].count(True) == 1
            assert sha256(b"".join(client.logs(job))).hexdigest() == wanted.digest, job
    started = starts.read_text().split()
    assert len(started) == len(set(started)), "a job was started twice"
    assert len(started) <= len(everything)
    assert {job.state for job in everything} <= {"succeeded", "failed"}
    assert server.stop() == 0
    until(lambda: processes_with(MARK) == [])
    until(lambda: processes_with(str(server.data_dir)) == [])  # the guard leaves when it sees that it may


def _submit(server: Server, wanted: Wanted, starts: Path) -> Job:
    with server.client(patience=0.5) as client:
        return client.submit(wanted.script(starts), env={"MARK": MARK})


def _end_of(server: Server, job_id: str) -> Job:
    def wait() -> Job:
        with server.client() as client:
            return client.wait(job_id, timeout=60)

    return _insisting(wait)


def _insisting(call: Callable[[], Job]) -> Job:
    """Calls until there is an answer; the server may be dead for two seconds at any time."""
    end = time.monotonic() + 60
    while True:
        try:
            return call()
        except RunyardClientError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


class _killing:  # noqa: N801 - reads as what happens meanwhile
    """Kills the server at moments the dice choose, and starts it again within two seconds."""

    def __init__(self, server: Server, dice: random.Random) -> None:
        self._server, self._moments = server, [dice.uniform(0.2, 1.8) for _ in range(KILLS)]
        self._pauses = [dice.uniform(0, 1.0) for _ in range(KILLS)]
        self._stop = Event()
        self._thread = Thread(target=self._run)
        self.kills = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def join(self) -> None:
        """Wait for the last kill."""
        self._thread.join()
        assert self.kills == KILLS

    def _run(self) -> None:
        for moment, pause in zip(self._moments, self._pauses, strict=True):
            if self._stop.wait(moment):
                return
            self._server.kill()
            self.kills += 1
            time.sleep(pause)
            self._server.start()
