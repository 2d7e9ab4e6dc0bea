"""Submissions to a real server that dies: a key makes each of them one job."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from threading import Event, Thread
from time import sleep

import pytest

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.jobs import Job, JobSummary
from runyard.entrypoints.library import connect
from tests.contracts.stores import at_once
from tests.integration.server import Server

pytestmark = pytest.mark.servers

KEYS = int(os.environ.get("RUNYARD_KEYS", "20"))
AT_ONCE = 50
LATER = "2099-01-31T12:00:00Z"


def everything(server: Server) -> list[JobSummary]:
    with server.client() as client:
        return list(client.list())


@pytest.fixture
def ported(server: Server) -> Server:
    """Its address outlives it: clients find it again where it was."""
    server.keep_address()
    server.start()
    return server


@pytest.mark.chaos
def test_f1_each_submission_is_one_job_however_often_the_server_is_killed_meanwhile(ported: Server) -> None:
    dice, done = Random(1), Event()  # noqa: S311 - a seed must give the same run again

    def kill_again_and_again() -> None:
        for _ in range(4):
            if done.wait(dice.uniform(0.3, 1.0)):
                return
            ported.kill()
            ported.start()

    killer = Thread(target=kill_again_and_again)
    killer.start()

    def submit(number: int) -> str:
        with _insistent(ported) as client:
            for _ in range(200):  # between two lives nobody took the submission: that one is ours to repeat
                try:
                    return client.submit(["true"], not_before=LATER, idempotency_key=f"k{number}").id
                except Exception:  # noqa: BLE001 - whatever it was, the key makes it one
                    sleep(0.05)
        raise AssertionError("waited in vain")

    with ThreadPoolExecutor(4) as submitters:
        submitted = list(submitters.map(submit, range(60)))
    done.set()
    killer.join()

    assert sorted(submitted) == sorted(job.id for job in everything(ported))
    assert len(set(submitted)) == 60


@pytest.mark.chaos
def test_f2_a_server_killed_between_commit_and_answer_replays_the_answer(ported: Server) -> None:
    ported.kill()
    ported.environment["RUNYARD_FAILPOINTS"] = "create_jobs.after_commit=kill"
    ported.start()

    with _insistent(ported) as client, ThreadPoolExecutor(1) as elsewhere:
        asked = elsewhere.submit(client.submit, ["true"], not_before=LATER, idempotency_key="k")
        assert ported.process is not None
        assert ported.process.wait(20) == -9
        ported.kill()
        del ported.environment["RUNYARD_FAILPOINTS"]
        ported.start()
        job = asked.result(30)

    assert job.replayed
    assert [each.id for each in everything(ported)] == [job.id]


def test_f69_of_fifty_equal_submissions_at_once_one_makes_the_job_and_all_get_it(server: Server) -> None:
    """B26: `RUNYARD_KEYS=1000` for the whole of it."""
    server.start()
    with server.client() as client:
        for number in range(KEYS):
            answers = at_once(AT_ONCE, partial(_submit, client, f"k{number}"))
            assert len({job.id for job in answers}) == 1
            assert [job.replayed for job in answers].count(False) == 1

    assert len(everything(server)) == KEYS


def _submit(client: Client, key: str, _: int) -> Job:
    return client.submit(["true"], not_before=LATER, idempotency_key=key)


def _insistent(server: Server) -> Client:
    return connect(server.address["url"], token_file=server.address["token_file"], patience=30)
