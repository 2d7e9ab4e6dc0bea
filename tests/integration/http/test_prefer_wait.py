from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic

import pytest

from runyard.domain.jobs.job import Job
from tests.unit.application.yard import ended
from tests.unit.entrypoints.http.house import WITH_TOKEN, a_client

from .served import Served, wait_until


@contextmanager
def once_somebody_waits(server: Served, act: Callable[[], None]) -> Iterator[None]:
    """What is done while the block waits for its answer."""

    def acts() -> None:
        wait_until(lambda: server.yard.rings._listeners)
        act()

    thread = Thread(target=acts)
    thread.start()
    yield
    thread.join()


def test_who_would_wait_is_answered_with_the_finished_job(server) -> None:
    def finish() -> None:
        (assigned,) = server.yard.assign()
        job: Job = assigned.job
        server.yard.report(ended(job, 5), fence=job.fence)

    with once_somebody_waits(server, finish), server.client(Prefer="respond-async, wait=50") as client:
        begun = monotonic()
        answer = client.post("jobs", json={"command": "true"})

    assert (answer.status_code, answer.headers["preference-applied"]) == (201, "wait=50")
    assert (answer.json()["exit_code"], answer.json()["runner"]) == (5, "here")
    assert monotonic() - begun < 40


def test_who_would_not_wait_so_long_is_answered_with_the_job_as_it_is(server) -> None:
    with server.client(Prefer="wait=1") as client:
        begun = monotonic()
        answer = client.post("jobs", json={"command": "true"})

    assert (answer.status_code, answer.json()["state"]) == (201, "queued")
    assert 0.9 < monotonic() - begun < 30


def test_waiting_ends_when_the_server_is_about_to_stop(server) -> None:
    with once_somebody_waits(server, server.shutdown.begin), server.client(Prefer="wait=50") as client:
        begun = monotonic()
        answer = client.post("jobs", json={"command": "true"})

    assert answer.status_code == 201
    assert monotonic() - begun < 40


@pytest.mark.parametrize("prefer", ["", "wait", "wait=soon", "wait=-1", "wait=0", "return=minimal", "wait=1e3", "\xff"])
def test_a_preference_that_is_not_understood_is_none(server, prefer) -> None:
    headers = {"Authorization": WITH_TOKEN["Authorization"].encode(), "Prefer": prefer.encode("latin-1")}
    with a_client(server.yard) as client:
        answer = client.post("/api/v1/jobs", json={"command": "true"}, headers=headers)

    assert answer.status_code == 201
    assert "preference-applied" not in answer.headers
