"""Agents that are killed, frozen and cut off: nothing is lost, nothing runs twice at once."""

import hashlib
import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from runyard.entrypoints.client.client import Client
from tests.integration.server import Server, until

from .box import Box
from .full import sized

pytestmark = pytest.mark.servers

Boxes = Callable[..., Box]
KILLS, JOBS = sized(5, 20), sized(25, 100)
SPEAKS = 'for i in $(seq 40); do echo "$RUNYARD_JOB_ID $i"; sleep 0.02; done'


def expected(job: str) -> str:
    return hashlib.sha256("".join(f"{job} {i}\n" for i in range(1, 41)).encode()).hexdigest()


def written(client: Client, job: str) -> str:
    return hashlib.sha256(b"".join(client.logs(job))).hexdigest()


def adopted(box: Box) -> int:
    """How many attempts went on under an agent that had not started them."""
    said = [json.loads(line) for line in box.errors().splitlines() if line.startswith("{")]
    return sum(each.get("adopted", 0) for each in said)


@pytest.mark.timeout(sized(300, 600))
def test_an_agent_may_be_killed_again_and_again_and_adopts_what_runs(server: Server, boxes: Boxes) -> None:
    box, dice = boxes("victim", slots=4), Random(1)  # noqa: S311 - a seed must give the same run again
    with server.client() as client:
        jobs = [client.submit(SPEAKS, placement={"runner": "victim"}, on_lost="fail").id for _ in range(JOBS)]
        for number in range(KILLS):
            box.start()
            if number == 0:
                until(lambda: any(client.get(job).state == "running" for job in jobs))
            else:
                time.sleep(dice.uniform(0.1, 1.2))  # it is killed at any moment of its life
            box.kill()
        box.start()
        done = [client.wait(job, timeout=90) for job in jobs]

        print(f"{KILLS} kills, {JOBS} jobs, {adopted(box)} attempts adopted")
        assert adopted(box) > 0
        assert [job.state for job in done] == ["succeeded"] * JOBS  # a second run would be a loss, and fail it
        # Killed between the claim and the start, an agent gives the attempt back: it never began.
        begun = [[each for each in client.attempts(job) if each.started_at] for job in jobs]
        assert [len(each) for each in begun] == [1] * JOBS
        assert [written(client, job) for job in jobs] == [expected(job) for job in jobs]


def test_jobs_end_and_are_told_of_though_the_server_was_away_meanwhile(
    server: Server, boxes: Boxes, tmp_path: Path
) -> None:
    box = boxes("patient")
    box.start()
    with server.client() as client:
        script = f"{SPEAKS}; until test -e {tmp_path}/go; do sleep 0.1; done; {SPEAKS}"
        job = client.submit(script, placement={"runner": "patient"}).id
        until(lambda: client.get(job).state == "running")
    server.kill()
    (tmp_path / "go").touch()
    time.sleep(3)  # the fault itself: the server is away, and the jobs end meanwhile
    server.start()
    with server.client() as client:
        done = client.wait(job, timeout=60)

        assert (done.state, done.attempt) == ("succeeded", 1)
        assert b"".join(client.logs(job)).count(b"\n") == 80


def test_f59_f60_an_agent_that_is_frozen_has_ended_its_jobs_before_they_run_elsewhere(tmp_path: Path) -> None:
    server = Server(tmp_path, "--slots", "2", program="tests.integration.production.in_a_hurry")
    server.start()
    box = Box(server, tmp_path, "frozen")
    try:
        box.start()
        with server.client() as client:
            for runner in ("local", "frozen"):
                client.runners.edit(runner, labels={"zone": "b"})
            client.runners.cordon("local")
            witness = tmp_path / "witness"
            script = f"while :; do date +%s.%N >> {witness}-$RUNYARD_ATTEMPT; sleep 0.05; done"
            job = client.submit(script, placement={"labels": {"zone": "b"}}, grace_period=0.5).id
            until(lambda: times(witness, 1))
            client.runners.uncordon("local")
            box.send(signal.SIGSTOP)
            until(lambda: times(witness, 2), seconds=60)

            assert times(witness, 1)[-1] < times(witness, 2)[0]
            box.send(signal.SIGCONT)
            time.sleep(2)  # time enough to start it anew, if it would
            assert times(witness, 1)[-1] < times(witness, 2)[0], "who comes back starts nothing anew"
            shown = client.get(job)
            assert (shown.state, shown.attempt, shown.runner) == ("running", 2, "local")
            client.cancel(job)
            assert client.wait(job, timeout=60).state == "cancelled"
    finally:
        box.close()
        server.close()


def times(witness: Path, attempt: int) -> list[float]:
    """When the processes of an attempt lived."""
    file = Path(f"{witness}-{attempt}")
    return [float(line) for line in file.read_text().splitlines()[:-1]] if file.exists() else []
