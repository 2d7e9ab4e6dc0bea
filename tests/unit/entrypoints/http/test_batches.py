"""Many jobs in one submission."""

import json

import pytest

from .house import JOBS, Broken, a_client

BATCH = f"{JOBS}/batch"


def post(client, *jobs, **headers):
    return client.post(BATCH, json={"jobs": jobs}, headers=headers)


def count(client) -> int:
    return len(client.get(f"{JOBS}?limit=200").json()["items"])


def test_each_job_gets_an_answer_in_its_place(client) -> None:
    answer = post(client, {"command": "true"}, {"command": ["false"], "name": "second"})

    told = answer.json()
    assert answer.status_code == 200
    assert (told["created"], told["replayed"], told["refused"]) == (2, 0, 0)
    assert [item["index"] for item in told["items"]] == [0, 1]
    second = client.get(f"{JOBS}/{told['items'][1]['id']}").json()
    assert (second["name"], second["state"]) == ("second", "queued")


def test_a_wrong_job_is_named_and_hinders_no_other(client) -> None:
    told = post(
        client, {"command": "true"}, {"command": [], "queue": "no queue"}, 7, {}, {"command": "true", "kommand": 1}
    ).json()

    assert (told["created"], told["refused"]) == (1, 4)
    problems = {item["index"]: item["problem"] for item in told["items"] if item["problem"]}
    assert problems[1]["type"] == "urn:runyard:problem:invalid-job"
    assert {error["pointer"] for error in problems[1]["errors"]} == {"/command", "/queue"}
    assert problems[3]["errors"][0] == {"pointer": "/command", "parameter": None, "detail": "is required"}
    assert set(problems) == {1, 2, 3, 4}
    assert count(client) == 1


def test_the_same_batch_under_the_same_key_makes_no_second_job(client) -> None:
    jobs = [{"command": "true"}, {"command": "false"}]
    first = post(client, *jobs, **{"Idempotency-Key": "b"}).json()

    again = post(client, *jobs, {"command": "more"}, **{"Idempotency-Key": "b"}).json()

    assert (again["created"], again["replayed"]) == (1, 2)
    assert [item["id"] for item in again["items"][:2]] == [item["id"] for item in first["items"]]


def test_jobs_may_have_keys_of_their_own(client) -> None:
    single = client.post(JOBS, json={"command": "true"}, headers={"Idempotency-Key": "mine"}).json()

    told = post(
        client,
        {"command": "true", "idempotency_key": "mine"},
        {"command": "other", "idempotency_key": "mine"},
        {"command": "true", "idempotency_key": "bad key"},
        {"command": "true", "idempotency_key": 3},
        {"command": "true", "idempotency_key": None},
    ).json()

    assert (told["created"], told["replayed"], told["refused"]) == (1, 1, 3)
    assert told["items"][0] == {"index": 0, "id": single["id"], "replayed": True, "warnings": [], "problem": None}
    codes = [item["problem"]["type"].rpartition(":")[2] for item in told["items"][1:4]]
    assert codes == ["idempotency-mismatch", "invalid-job", "invalid-job"]


@pytest.mark.parametrize("body", ["[]", "{}", '{"jobs": {}}', '{"jobs": [], "more": 1}', "7"])
def test_what_is_no_batch_is_refused_as_a_whole(client, body) -> None:
    answer = client.post(BATCH, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/jobs"


def test_an_unreadable_batch_is_a_bad_request(client) -> None:
    for body in ('{"jobs": [', '{"jobs": [{"command": "x", "run_timeout": NaN}]}'):
        answer = client.post(BATCH, content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:runyard:problem:unreadable-body")
    assert client.post(BATCH, content="{}").status_code == 415


def test_ten_thousand_jobs_fit_and_not_one_more(client) -> None:
    jobs = [{"command": "true"}] * 10_000

    assert post(client, *jobs).json()["created"] == 10_000
    refused = post(client, *jobs, {"command": "true"})
    assert refused.status_code == 422
    assert "10001" in refused.json()["detail"]


def test_a_batch_may_be_larger_than_a_job_but_not_endless(client) -> None:
    job = {"command": "true", "stdin": "x" * (1 << 20 - 1)}

    assert post(client, *[job] * 20).status_code == 200
    assert (
        client.post(BATCH, content=b" " * ((16 << 20) + 1), headers={"Content-Type": "application/json"}).status_code
        == 413
    )


def test_an_empty_batch_is_nothing(client) -> None:
    assert post(client).json() == {"created": 0, "replayed": 0, "refused": 0, "items": []}


def test_a_batch_that_cannot_be_stored_is_refused_as_a_whole(yard) -> None:
    with a_client(yard, create_jobs=Broken(ZeroDivisionError())) as client:
        client.headers["Authorization"] = "Bearer open-sesame"
        assert post(client, {"command": "true"}).status_code == 500


def test_the_body_is_described(client) -> None:
    document = client.get("/schema/openapi.json").json()
    body = document["paths"][BATCH]["post"]["requestBody"]["content"]["application/json"]["schema"]

    assert json.dumps(body) == '{"$ref": "#/components/schemas/BatchBody"}'
    assert document["components"]["schemas"]["BatchBody"]["properties"]["jobs"]["maxItems"] == 10_000
