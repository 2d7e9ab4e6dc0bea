from threading import Timer
from time import monotonic

import pytest

from runyard.domain.jobs.job import Job
from tests.unit.application.yard import ended
from tests.unit.entrypoints.http.house import WITH_TOKEN, a_client

from .served import Served


def finishes_soon(server: Served) -> None:
    def finish() -> None:
        (assigned,) = server.yard.assign()
        job: Job = assigned.job
        server.yard.report(ended(job, 5), fence=job.fence)

    Timer(0.3, finish).start()


def test_who_would_wait_is_answered_with_the_finished_job(server) -> None:
    finishes_soon(server)
    with server.client(Prefer="respond-async, wait=20") as client:
        begun = monotonic()
        answer = client.post("jobs", json={"command": "true"})

    assert (answer.status_code, answer.headers["preference-applied"]) == (201, "wait=20")
    assert (answer.json()["exit_code"], answer.json()["runner"]) == (5, "here")
    assert monotonic() - begun < 3


def test_who_would_not_wait_so_long_is_answered_with_the_job_as_it_is(server) -> None:
    with server.client(Prefer="wait=1") as client:
        begun = monotonic()
        answer = client.post("jobs", json={"command": "true"})

    assert (answer.status_code, answer.json()["state"]) == (201, "queued")
    assert 0.9 < monotonic() - begun < 3


def test_waiting_ends_when_the_server_is_about_to_stop(server) -> None:
    Timer(0.3, server.shutdown.begin).start()
    with server.client(Prefer="wait=60") as client:
        begun = monotonic()
        answer = client.post("jobs", json={"command": "true"})

    assert answer.status_code == 201
    assert monotonic() - begun < 3


@pytest.mark.parametrize("prefer", ["", "wait", "wait=soon", "wait=-1", "wait=0", "return=minimal", "wait=1e3", "\xff"])
def test_a_preference_that_is_not_understood_is_none(server, prefer) -> None:
    headers = {"Authorization": WITH_TOKEN["Authorization"].encode(), "Prefer": prefer.encode("latin-1")}
    with a_client(server.yard) as client:
        answer = client.post("/api/v1/jobs", json={"command": "true"}, headers=headers)

    assert answer.status_code == 201
    assert "preference-applied" not in answer.headers
