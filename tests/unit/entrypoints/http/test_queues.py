import pytest

from tests.unit.application.yard import MemoryYard

QUEUES = "/api/v1/queues"


def test_a_queue_is_paused_listed_and_resumed(client, yard: MemoryYard) -> None:
    yard.submit(queue="gpu")
    paused = client.post(f"{QUEUES}/gpu/pause", json={"reason": "driver", "seconds": 60})

    (listed,) = client.get(QUEUES).json()["items"]
    assert paused.json() == listed
    assert (listed["name"], listed["paused"], listed["reason"], listed["waiting"]) == ("gpu", True, "driver", 1)
    assert listed["until"] > listed["since"]
    assert yard.assign() == []

    resumed = client.post(f"{QUEUES}/gpu/resume").json()
    assert (resumed["paused"], resumed["reason"], resumed["until"], resumed["waiting"]) == (False, None, None, 1)
    assert len(yard.assign()) == 1


def test_a_pause_needs_no_body_and_lasts_until_it_is_lifted(client, yard: MemoryYard) -> None:
    assert client.post(f"{QUEUES}/gpu/pause").json()["until"] is None
    yard.clock.advance(10**8)

    assert [each["paused"] for each in client.get(QUEUES).json()["items"]] == [True]


@pytest.mark.parametrize("what", ["pause", "resume"])
def test_what_cannot_be_a_queue_is_not_found(client, what: str) -> None:
    answer = client.post(f"{QUEUES}/a%20b/{what}")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:runyard:problem:queue-not-found")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"until": "soon"}, "/until"),
        ({"seconds": -1}, "/seconds"),
        ({"seconds": 1, "until": "2030-01-31T12:00:00Z"}, "/seconds"),
        ({"why": "x"}, "/why"),
    ],
)
def test_a_wrong_end_is_named(client, body: dict[str, object], pointer: str) -> None:
    answer = client.post(f"{QUEUES}/gpu/pause", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
