import pytest

from .house import JOBS

PROJECT = "/api/v1/projects/default"
LIMITS = f"{PROJECT}/limits"


def limit(client, **body: object) -> None:
    assert client.patch(LIMITS, json=body).status_code == 200


def test_limits_are_set_and_shown_with_their_use(client) -> None:
    answer = client.patch(LIMITS, json={"queued": 5, "running": 0}).json()
    limit(client, owner="*", submissions_per_minute=60)
    limit(client, owner="*", queued=3)
    client.post(JOBS, json={"command": ["true"]})

    assert {**answer, "changed_at": "then"} == {
        "queued": 5,
        "running": 0,
        "submissions_per_minute": None,
        "project": "default",
        "owner": None,
        "changed_at": "then",
    }
    whole, each = client.get(PROJECT).json()["limits"]
    assert whole == {
        "owner": None,
        "set": {"queued": 5, "running": 0, "submissions_per_minute": None},
        "in_force": {"queued": 5, "running": None, "submissions_per_minute": None},
        "queued": 1,
        "running": 0,
    }
    assert each["set"] == each["in_force"] == {"queued": 3, "running": None, "submissions_per_minute": 60}
    assert (each["owner"], each["queued"], each["running"]) == ("*", None, None)


def test_null_leaves_a_limit_to_what_is_usual_again(client) -> None:
    limit(client, queued=5, running=2)
    limit(client, queued=None)

    assert client.get(PROJECT).json()["limits"][0]["set"] == {
        "queued": None,
        "running": 2,
        "submissions_per_minute": None,
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"queued": -1}, "/queued"),
        ({"running": "5"}, "/running"),
        ({"submissions_per_minute": 1.5}, "/submissions_per_minute"),
        ({"owner": ""}, "/owner"),
        ({"slots": 1}, "/slots"),
    ],
)
def test_what_cannot_be_a_limit_is_named(client, body: dict[str, object], pointer: str) -> None:
    answer = client.patch(LIMITS, json=body)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:runyard:problem:invalid-limits")
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_a_full_queue_is_told_with_the_limit_its_value_and_its_use(client) -> None:
    limit(client, owner="admin", queued=1)
    client.post(JOBS, json={"command": ["true"]})

    answer = client.post(JOBS, json={"command": ["true"]})

    assert (answer.status_code, answer.json()["type"]) == (429, "urn:runyard:problem:queued-limit-reached")
    assert "retry-after" not in answer.headers
    assert answer.json()["limit"] == {
        "kind": "queued",
        "scope": "owner",
        "project": "default",
        "owner": "admin",
        "value": 1,
        "used": 1,
    }
    assert answer.json()["detail"] == (
        "limit of queued jobs of owner 'admin' in project 'default': 1 of 1; submit it again when fewer wait, "
        "or have it raised: `runyard project limit default --owner admin --queued 2`"
    )


def test_who_submits_too_often_is_told_when_to_come_again(client) -> None:
    limit(client, submissions_per_minute=2)
    named = {"Idempotency-Key": "once"}
    first = client.post(JOBS, json={"command": ["true"]}, headers=named)
    client.post(JOBS, json={"command": ["true"]})

    answer, again = (
        client.post(JOBS, json={"command": ["true"]}),
        client.post(JOBS, json={"command": ["true"]}, headers=named),
    )

    assert (answer.status_code, answer.json()["type"]) == (429, "urn:runyard:problem:submissions-limit-reached")
    assert answer.headers["retry-after"] == "30"
    assert answer.json()["limit"]["scope"] == "project"
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])


def test_each_job_of_a_batch_is_refused_by_itself(client) -> None:
    limit(client, queued=2)
    jobs = [{"command": ["true"]}] * 3

    answer = client.post(f"{JOBS}/batch", json={"jobs": jobs}).json()

    assert (answer["created"], answer["refused"]) == (2, 1)
    problem = answer["items"][2]["problem"]
    assert problem["type"] == "urn:runyard:problem:queued-limit-reached"
    assert problem["limit"]["used"] == problem["limit"]["value"] == 2


def test_other_problems_name_no_limit(client) -> None:
    assert "limit" not in client.post(JOBS, json={}).json()
