"""Submitting under an idempotency key."""

import json

import pytest

from .house import JOBS

BODY = {"command": ["echo", "hello"], "labels": {"a": "1", "b": "2"}}


def post(client, body=BODY, key="my-key", **headers):
    return client.post(JOBS, json=body, headers={"Idempotency-Key": key, **headers})


def test_a_repeated_submission_answers_200_with_the_same_job(client) -> None:
    first, again = post(client), post(client)

    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["replayed"], again.json()["replayed"]) == (False, True)
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["location"] == first.headers["location"]


def test_f70_another_body_under_the_same_key_is_refused_and_makes_no_job(client) -> None:
    post(client)

    refused = post(client, {**BODY, "name": "other"})

    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:runyard:problem:idempotency-mismatch"
    assert len(client.get(JOBS).json()["items"]) == 1


def test_the_same_body_written_otherwise_is_the_same(client) -> None:
    first = post(client)
    otherwise = json.dumps(dict(reversed(BODY.items())), indent=3)

    again = client.post(
        JOBS, content=otherwise, headers={"Idempotency-Key": '"my-key"', "Content-Type": "application/json"}
    )

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])


def test_without_a_key_each_submission_is_a_job_of_its_own(client) -> None:
    first, second = client.post(JOBS, json=BODY), client.post(JOBS, json=BODY)

    assert first.json()["id"] != second.json()["id"]


def test_a_refused_job_leaves_its_key_free(client) -> None:
    assert post(client, {"command": []}).status_code == 422

    assert post(client).status_code == 201


@pytest.mark.parametrize("key", ["", '""', "with space", "é", "x" * 256])
def test_a_key_that_cannot_be_is_named(client, key) -> None:
    refused = client.post(JOBS, json=BODY, headers={b"Idempotency-Key": key.encode()})

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["parameter"] == "Idempotency-Key"


def test_both_answers_are_described(client) -> None:
    document = client.get("/schema/openapi.json").json()
    operation = document["paths"][JOBS]["post"]

    assert {"200", "201"} <= set(operation["responses"])
    assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]
