"""Servers, workers, supervisor, PostgreSQL and Valkey are killed, stopped and emptied while jobs of all kinds run.

Callers write down what they attempted and what they were told; in the end the whole history is compared with what
is stored. `make chaos JOBS=10000 KILLS=70 SEED=1` for the whole of it; CI runs a small one.
"""

import os
import random
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.errors import RunyardClientError, passing
from runyard.entrypoints.client.jobs import Job, JobSummary
from tests.integration.installation import Installation
from tests.integration.postgres import PostgresServer, running_postgres
from tests.integration.server import processes_with
from tests.integration.valkey import ValkeyServer
from tests.integration.wellness import assert_database_is_well

from .history import History
from .load import Wanted
from .nemesis import LEASE, Nemesis

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(0)]

KILLS = int(os.environ.get("RUNYARD_KILLS", "8"))
JOBS = int(os.environ.get("RUNYARD_JOBS", "40"))
SEED = int(os.environ.get("RUNYARD_SEED", "1"))
CALLERS = 4
MARK = f"chaos-{os.getpid()}"


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """One of its own, to be killed; what it answers as committed survives that."""
    with running_postgres(synchronous_commit="on") as server:
        yield server


@pytest.fixture
def installation(tmp_path: Path, postgres: PostgresServer, valkey: ValkeyServer) -> Iterator[Installation]:
    url = postgres.url(postgres.create())
    installation = Installation(tmp_path, url, valkey.url, RUNYARD_DRIVER_LEASE=str(LEASE))
    installation.migrate()
    yield installation
    installation.close()
    assert_database_is_well(url)


def test_f16_f33_f34_f35_every_acknowledged_job_ends_once_with_all_its_output(
    installation: Installation, postgres: PostgresServer, valkey: ValkeyServer, tmp_path: Path
) -> None:
    dice, starts, history = random.Random(SEED), tmp_path / "starts", History(tmp_path / "history.jsonl")  # noqa: S311
    load = [Wanted.by_chance(number, dice) for number in range(JOBS)]
    began, nemesis = time.monotonic(), Nemesis(installation, postgres, valkey, SEED)
    callers = [
        Thread(target=_calls, args=(f"caller-{at}", load[at::CALLERS], nemesis, history, starts))
        for at in range(CALLERS)
    ]
    for caller in callers:
        caller.start()
    nemesis.strike(KILLS)
    for caller in callers:
        caller.join()

    with nemesis.servers[0].client() as client:
        everything = _ended(client)
        _judge(client, everything, load, history, nemesis)
    started = starts.read_text().split()
    assert len(started) == len(set(started)), "an attempt was started twice"
    assert processes_with(MARK) == []
    history.close()
    print(f"seed {SEED}: {JOBS} jobs, {len(started)} starts, {nemesis.blows}, {time.monotonic() - began:.0f} s")


def _calls(who: str, load: list[Wanted], nemesis: Nemesis, history: History, starts: Path) -> None:
    """Submits each job until it is accepted, and cancels one of ten."""
    dice = random.Random(f"{SEED} {who}")  # noqa: S311 - repeatable
    for wanted in load:
        key = f"job-{wanted.number}"

        def submit(wanted: Wanted = wanted, key: str = key) -> Job:
            with nemesis.any_server().client() as client:
                return client.submit(wanted.script(starts), name=key, env={"MARK": MARK}, idempotency_key=key)

        job = history.insisting(who, "submit", key, submit)
        time.sleep(dice.uniform(0, 0.3) * KILLS * 8 / max(JOBS, 1))
        if dice.random() < 0.1:

            def cancel(job: Job = job) -> Job:
                with nemesis.any_server().client() as client:
                    return client.cancel(job.id)

            history.insisting(who, "cancel", key, cancel)


def _ended(client: Client) -> dict[str, JobSummary]:
    """All jobs, once each has ended."""
    end = time.monotonic() + 60 + JOBS
    while True:
        try:
            jobs = {job.id: job for job in client.list()}
        except RunyardClientError as error:  # the last blow may have ended the connections of this server
            if not passing(error) or time.monotonic() > end:
                raise
            time.sleep(0.5)
            continue
        living = [job for job in jobs.values() if job.state not in {"succeeded", "failed", "cancelled"}]
        if not living:
            return jobs
        assert time.monotonic() < end, f"never ended: {living[:3]}"
        time.sleep(0.5)


def _judge(client: Client, jobs: dict[str, JobSummary], load: list[Wanted], history: History, nemesis: Nemesis) -> None:
    """Jepsen's manner: what was acknowledged is there, once; what is there was asked for; each end is the true one."""
    submitted, cancelled = history.answers("submit"), history.answers("cancel")
    assert len(jobs) == len(submitted) == len(load)
    for wanted in load:
        key = f"job-{wanted.number}"
        (job_id,) = {answer["job"] for answer in submitted[key]}
        job = jobs[job_id]
        told = cancelled.get(key, [{}])[-1].get("state")
        if job.state == "cancelled":
            assert key in cancelled
            continue
        assert told in {None, job.state}, f"{job_id} was told to be {told} and is {job.state}"
        assert (job.exit_code, job.state) == (wanted.code, "succeeded" if wanted.code == 0 else "failed"), job
        assert sha256(b"".join(client.logs(job))).hexdigest() == wanted.digest, job
        counted = [attempt for attempt in client.attempts(job) if attempt.exit_code is not None]
        assert [attempt.exit_code for attempt in counted] == [wanted.code]
    assert all(nemesis.blows.values())
