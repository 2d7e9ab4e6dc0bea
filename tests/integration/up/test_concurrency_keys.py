"""Jobs of one key, through a real server: they never overlap, as they themselves can tell."""

import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Literal

import pytest

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.errors import RunyardClientError
from runyard.entrypoints.client.jobs import Job
from tests.integration.server import Server, until

pytestmark = pytest.mark.servers

NEARLY_AT_ONCE = 0.3
"""Seconds, half of the times: whoever is not woken is found by a look, of which there is one a second."""

OnConflict = Literal["queue", "reject", "replace_running"]

WITNESS = """
import fcntl, os, sys, time
folder, seconds = sys.argv[1], float(sys.argv[2])
with open(os.path.join(folder, "lock"), "a") as lock, open(os.path.join(folder, "seen"), "a") as seen:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print("overlap", os.environ["RUNYARD_JOB_ID"], file=seen, flush=True)
        sys.exit(9)
    print("alone", os.environ["RUNYARD_JOB_ID"], file=seen, flush=True)
    while not all(map(os.path.exists, sys.argv[3:])):
        time.sleep(0.05)
    time.sleep(seconds)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "witness").mkdir()
    return tmp_path / "witness"


def submit(client: Client, folder: Path, seconds: float, *gates: Path, on_conflict: OnConflict = "queue") -> Job:
    """It ends so many seconds after all of its gates are there."""
    command = [sys.executable, "-c", WITNESS, str(folder), str(seconds), *map(str, gates)]
    return client.submit(command, concurrency={"key": "one at a time", "on_conflict": on_conflict})


def seen(folder: Path) -> list[list[str]]:
    file = folder / "seen"
    return [line.split() for line in file.read_text().splitlines()] if file.exists() else []


def between(client: Client, jobs: Sequence[Job]) -> list[float]:
    """How many seconds after the end of one the next one was claimed."""
    attempts = [client.attempts(job)[0] for job in jobs]
    return [
        (after.claimed_at - before.ended_at).total_seconds()
        for before, after in pairwise(attempts)
        if after.claimed_at and before.ended_at
    ]


def _more_than(many: int, folder: Path) -> bool:
    return len(seen(folder)) > many


def test_jobs_of_one_key_never_overlap_and_follow_each_other_at_once(server: Server, folder: Path) -> None:
    server.start()
    with server.client() as client:
        jobs = [submit(client, folder, 0.1) for _ in range(12)]
        ended = [client.wait(job, timeout=60) for job in jobs]
        waits = between(client, jobs)

    assert {job.state for job in ended} == {"succeeded"}
    assert seen(folder) == [["alone", job.id] for job in jobs]
    assert median(waits) < NEARLY_AT_ONCE, f"a wake-up was lost: {waits}"


def test_nor_do_they_when_the_server_is_killed_meanwhile(server: Server, folder: Path) -> None:
    server.start()
    with server.client() as client:
        gates = [folder / f"gate-{number}" for number in range(6)]
        jobs = [submit(client, folder, 0, gate) for gate in gates]
        until(lambda: seen(folder))
    for number in range(2):
        server.kill()
        gates[number].touch()
        time.sleep(1.0)  # the running job may end while nobody looks
        server.start()
        until(partial(_more_than, number + 1, folder))
    for gate in gates:
        gate.touch()
    with server.client() as client:
        ended = [client.wait(job, timeout=60) for job in jobs]

    assert [(job.state, job.attempt) for job in ended] == [("succeeded", 1)] * 6
    assert seen(folder) == [["alone", job.id] for job in jobs]


def test_a_busy_key_answers_with_its_holder_and_replacing_ends_it(server: Server, folder: Path) -> None:
    server.start()
    with server.client() as client:
        first = submit(client, folder, 60)
        until(lambda: seen(folder))
        with pytest.raises(RunyardClientError, match=first.id) as refused:
            submit(client, folder, 0, on_conflict="reject")
        waiting = submit(client, folder, 0)
        in_line = client.get(waiting.id).in_line
        second = submit(client, folder, 0, on_conflict="replace_running")

        assert (refused.value.code, refused.value.status) == ("key-busy", 409)
        assert in_line == {"position": 1, "waiting": 1, "held_by": [first.id]}
        assert client.wait(second, timeout=60).state == client.wait(waiting, timeout=60).state == "succeeded"
        assert client.get(first.id).state == "cancelled"
    assert [job_id for _, job_id in seen(folder)] == [first.id, second.id, waiting.id]
    assert json.dumps(seen(folder)).count("overlap") == 0
