import pytest

from runyard.domain.runners.errors import RunnerNotFound
from tests.unit.application.yard import MemoryYard

RUNNERS = "/api/v1/runners"
HERE = f"{RUNNERS}/here"


def code(answer) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


def test_runners_are_listed_and_found_by_name_and_by_id(client, yard: MemoryYard) -> None:
    (listed,) = client.get(RUNNERS).json()["items"]
    by_name, by_id = client.get(HERE), client.get(f"{RUNNERS}/{yard.runner.id}")

    assert listed == by_name.json() == by_id.json()
    assert (listed["name"], listed["state"], listed["availability"], listed["slots"], listed["busy"]) == (
        "here",
        "online",
        "open",
        2,
        0,
    )
    assert listed["heard_at"].endswith("Z")


@pytest.mark.parametrize("name", ["nobody", "a%20b", "%00", "x" * 64])
@pytest.mark.parametrize("method", ["get", "delete", "patch"])
def test_an_unknown_runner_is_not_found(client, name: str, method: str) -> None:
    answer = getattr(client, method)(f"{RUNNERS}/{name}")

    assert (answer.status_code, code(answer)) == (404, RunnerNotFound.code)


def test_an_edit_changes_what_is_given(client) -> None:
    first = client.patch(HERE, json={"slots": 5, "labels": {"zone": "a"}})
    second = client.patch(HERE, json={"queues": ["gpu", "default"]}, headers={"If-Match": first.headers["ETag"]})

    assert first.headers["ETag"] == '"2"'
    shown = second.json()
    assert (shown["slots"], shown["labels"], shown["queues"], shown["revision"]) == (
        5,
        {"zone": "a"},
        ["gpu", "default"],
        3,
    )


def test_an_edit_of_what_was_edited_meanwhile_is_refused(client) -> None:
    tag = client.get(HERE).headers["ETag"]
    client.patch(HERE, json={"slots": 5})
    answer = client.patch(HERE, json={"slots": 6}, headers={"If-Match": tag})

    assert (answer.status_code, code(answer)) == (412, "runner-edited-meanwhile")
    assert client.get(HERE).json()["slots"] == 5
    assert client.patch(HERE, json={"slots": 6}, headers={"If-Match": "*"}).status_code == 200
    assert client.patch(HERE, json={"slots": 6}, headers={"If-Match": "six"}).status_code == 400


def test_what_a_runner_cannot_be_is_named(client) -> None:
    answer = client.patch(HERE, json={"slots": "two", "colour": "red"})
    pointers = {each["pointer"] for each in answer.json()["errors"]}

    assert (answer.status_code, code(answer), pointers) == (422, "invalid-runner", {"/slots", "/colour"})
    assert client.patch(HERE, json={"slots": -1}).json()["errors"][0]["pointer"] == "/slots"
    assert client.patch(HERE, content=b"{").status_code == 415
    assert client.patch(HERE, content=b"{", headers={"Content-Type": "application/json"}).status_code == 400


def test_a_runner_is_closed_and_opened(client) -> None:
    cordoned = client.post(f"{HERE}/cordon", json={"note": "disk"}).json()
    refused = client.post(f"{HERE}/pause", json={"seconds": 60})
    opened = client.post(f"{HERE}/uncordon").json()

    assert (cordoned["availability"], cordoned["note"]) == ("cordoned", "disk")
    assert (refused.status_code, code(refused)) == (409, "illegal-runner-action")
    assert (opened["availability"], opened["note"], opened["since"]) == ("open", None, None)


def test_a_cordon_needs_no_body_and_a_pause_needs_an_end(client) -> None:
    assert client.post(f"{HERE}/cordon").json()["note"] is None
    client.post(f"{HERE}/uncordon")

    answer = client.post(f"{HERE}/pause")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/until")
    assert client.post(f"{HERE}/pause", json={"until": "soon"}).status_code == 422


def test_a_pause_is_over_at_its_end(client, yard: MemoryYard) -> None:
    paused = client.post(f"{HERE}/pause", json={"seconds": 60, "note": "backup"}).json()
    yard.clock.advance(60)
    over = client.get(HERE).json()

    assert (paused["availability"], paused["note"]) == ("paused", "backup")
    assert paused["until"] > paused["since"]
    assert (over["availability"], over["until"], over["note"]) == ("open", None, None)


def test_a_runner_that_was_drained_says_so(client, yard: MemoryYard) -> None:
    yard.assigned()
    assert client.post(f"{HERE}/drain", json={"until": "2040-01-31T12:00:00+01:00"}).json()["drained"] is False

    yard.clock.advance(1)
    drained = client.post(f"{HERE}/drain").json()
    assert (drained["until"], drained["busy"]) == (None, 1)


def test_a_runner_that_is_driven_is_not_removed(client, yard: MemoryYard) -> None:
    answer = client.delete(HERE)
    assert (answer.status_code, code(answer)) == (409, "runner-in-use")

    yard.clock.advance(60)
    assert client.delete(HERE).status_code == 204
    assert client.get(RUNNERS).json() == {"items": []}
