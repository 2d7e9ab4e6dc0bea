"""Asking why a job does not run."""

from datetime import timedelta

from runyard.application.runners.cordon_runner import CordonRunnerCommand
from runyard.domain.jobs.ids import JobId
from tests.builders import a_job_id

from .house import JOBS


def test_a_job_that_waits_is_explained_runner_by_runner(client, yard) -> None:
    yard.submit()
    job = yard.submit()
    yard.cordon_runner.execute(CordonRunnerCommand(runner=yard.runner.name))

    told = client.get(f"{JOBS}/{job.id}/explain").json()

    assert told == {
        "state": "queued",
        "message": "no runner can take it now",
        "obstacles": [],
        "runners": [
            {
                "runner": "here",
                "fits": False,
                "obstacles": [
                    {"code": "cordoned", "message": "it is cordoned", "change": "uncordon here", "until": None}
                ],
            }
        ],
        "ahead": 1,
        "change": "uncordon here",
    }


def test_a_job_that_waits_for_its_key_names_the_holder(client) -> None:
    body = {"command": ["true"], "concurrency": {"key": "provider"}}
    holder, waiting = (client.post(JOBS, json=body).json()["id"] for _ in range(2))

    told = client.get(f"{JOBS}/{waiting}/explain").json()

    assert [each["code"] for each in told["obstacles"]] == ["key_busy"]
    assert told["message"] == f"it is number 1 in line for a seat of key provider, held by {holder}"
    assert client.get(f"{JOBS}/{holder}/explain").json()["obstacles"] == []


def test_a_job_that_was_not_submitted_is_explained_and_not_created(client, yard) -> None:
    moment = (yard.clock.now() + timedelta(hours=1)).isoformat().replace("+00:00", "Z")

    told = client.post(f"{JOBS}/explain", json={"command": ["true"], "not_before": moment}).json()

    assert told["state"] == "pending"
    assert told["obstacles"][0]["code"] == "scheduled"
    assert told["obstacles"][0]["until"] == moment
    assert client.get(JOBS).json()["items"] == []


def test_a_job_that_was_not_submitted_stands_behind_all_others(client, yard) -> None:
    yard.submit()
    yard.submit(priority=-5)

    told = client.post(f"{JOBS}/explain", json={"command": ["true"]}).json()

    assert told["ahead"] == 1
    assert told["message"] == "1 job is before it in line; here would take it"
    assert told["change"] is None


def test_what_cannot_be_explained_is_refused_like_everywhere(client) -> None:
    assert client.get(f"{JOBS}/{JobId(a_job_id())}/explain").status_code == 404
    wrong = client.post(f"{JOBS}/explain", json={"command": [], "queue": "!"})
    assert wrong.status_code == 422
    assert {error["pointer"] for error in wrong.json()["errors"]} == {"/command", "/queue"}
    assert client.post(f"{JOBS}/explain", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert client.post(f"{JOBS}/explain", content=b"{}").status_code == 415
