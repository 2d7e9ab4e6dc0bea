"""Pause, resume and force-finish over HTTP."""

import pytest

from runyard.application.ports.executor import Started
from tests.builders import a_job_id

from .house import JOBS


@pytest.fixture
def job(yard):
    job = yard.assigned()
    yard.report(Started(job.ref, "group"), fence=job.fence)
    return job


def test_a_job_is_paused_and_goes_on(client, job) -> None:
    paused = client.post(f"{JOBS}/{job.id}/pause")
    resumed = client.post(f"{JOBS}/{job.id}/resume")

    assert (paused.status_code, paused.json()["state"]) == (200, "paused")
    assert (resumed.status_code, resumed.json()["state"]) == (200, "running")


def test_a_finished_job_runs_again(client, yard) -> None:
    old = yard.submit()
    assert client.post(f"{JOBS}/{old.id}/rerun").status_code == 409
    yard.cancel(old.id)

    answers = [client.post(f"{JOBS}/{old.id}/rerun", headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    told = client.get(answers[1].headers["location"]).json()
    assert (told["rerun_of"], told["state"]) == (old.id, "queued")


def test_a_job_is_given_up_for_a_reason(client, job) -> None:
    answer = client.post(f"{JOBS}/{job.id}/force-finish", json={"reason": "the host burnt down"})

    told = answer.json()
    assert answer.status_code == 200
    assert (told["state"], told["reason"], told["message"]) == ("failed", "forced", "the host burnt down")
    assert told["end_confirmed"] is False
    assert client.post(f"{JOBS}/{job.id}/force-finish", json={"reason": "again"}).status_code == 409


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/reason"), ({"reason": ""}, "/reason"), ({"reason": "x", "more": 1}, "/more"), ({"reason": 1}, "/reason")],
)
def test_a_wrong_reason_is_named(client, job, body, pointer) -> None:
    answer = client.post(f"{JOBS}/{job.id}/force-finish", json=body)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert client.get(f"{JOBS}/{job.id}").json()["state"] == "running"


def test_no_json_is_no_reason(client, job) -> None:
    address = f"{JOBS}/{job.id}/force-finish"

    assert client.post(address, content="reason").status_code == 415
    assert client.post(address, content="{", headers={"Content-Type": "application/json"}).status_code == 400


@pytest.mark.parametrize("act", ["pause", "resume", "force-finish"])
def test_what_cannot_be_is_refused(client, yard, act) -> None:
    waiting = yard.submit()

    assert client.post(f"{JOBS}/{waiting.id}/{act}", json={"reason": "x"}).status_code == 409
    assert client.post(f"{JOBS}/{a_job_id()}/{act}", json={"reason": "x"}).status_code == 404
