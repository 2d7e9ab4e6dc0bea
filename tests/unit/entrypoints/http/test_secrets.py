import json

import pytest

from tests.unit.application.yard import MemoryYard

SECRETS = "/api/v1/secrets"
VALUE = "correct horse battery"


def test_a_secret_is_set_looked_at_listed_and_removed_and_its_value_never_comes_back(client) -> None:
    answers = [
        client.put(f"{SECRETS}/db", json={"value": VALUE}),
        client.put(f"{SECRETS}/db", json={"value": VALUE + "2"}),
        client.get(f"{SECRETS}/db"),
        client.get(SECRETS),
        client.delete(f"{SECRETS}/db"),
        client.get(f"{SECRETS}/db"),
        client.delete(f"{SECRETS}/db"),
    ]

    first, again, shown, listed, removed, gone, absent = answers
    assert (first.status_code, first.json()["version"], first.json()["set_by"]) == (200, 1, "admin")
    assert again.json() == shown.json() == listed.json()["items"][0]
    assert set(shown.json()) == {"project", "name", "version", "set_at", "set_by"}
    assert (shown.json()["name"], shown.json()["version"]) == ("db", 2)
    assert (removed.status_code, removed.content) == (204, b"")
    for answer in (gone, absent):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:runyard:problem:secret-not-found")
    assert all(VALUE not in answer.text for answer in answers)


def test_a_secret_belongs_to_its_project_alone(client) -> None:
    client.post("/api/v1/projects", json={"name": "red"})
    made = client.put(f"{SECRETS}/db?project=red", json={"value": VALUE})

    assert made.json()["project"] == "red"
    assert client.get(SECRETS).json()["items"] == []
    assert [each["name"] for each in client.get(f"{SECRETS}?project=red").json()["items"]] == ["db"]
    assert client.get(f"{SECRETS}/db").status_code == client.delete(f"{SECRETS}/db").status_code == 404
    refused = client.post("/api/v1/jobs", json={"command": "true", "secrets": {"T": "db"}})
    assert refused.json()["errors"][0]["detail"].startswith("the project 'default' has no secret 'db'")
    taken = client.post("/api/v1/jobs", json={"command": "true", "secrets": {"T": "db"}, "project": "red"})
    assert taken.status_code == 201
    nowhere = client.put(f"{SECRETS}/db?project=blue", json={"value": VALUE})
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, "urn:runyard:problem:project-not-found")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/value"),
        ({"value": 12345678}, "/value"),
        ({"value": "sesame"}, "/value"),
        ({"value": "x" * 16_385}, "/value"),
        ({"value": VALUE, "project": "other"}, "/project"),
    ],
)
def test_a_wrong_value_is_refused_by_its_place_and_is_not_repeated(client, body: dict[str, object], pointer) -> None:
    answer = client.put(f"{SECRETS}/db", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert answer.json()["type"] == "urn:runyard:problem:invalid-secret"
    assert all(str(value) not in answer.text for value in body.values() if value != "other")


def test_a_wrong_name_is_refused(client) -> None:
    answer = client.put(f"{SECRETS}/a%20b", json={"value": VALUE})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/name")


def test_without_a_key_the_answer_says_what_is_missing(client, yard: MemoryYard) -> None:
    yard.sealer.forget("key-1")

    answer = client.put(f"{SECRETS}/db", json={"value": VALUE})

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:runyard:problem:sealing-key-unavailable")
    assert client.get(SECRETS).json() == {"items": []}


def test_the_key_is_rotated(client, yard: MemoryYard) -> None:
    client.put(f"{SECRETS}/db", json={"value": VALUE})

    rotated = client.post("/api/v1/sealing/rotate", json={"renew": True})
    again = client.post("/api/v1/sealing/rotate")

    assert rotated.json() == {"key": "key-2", "resealed": 1, "unopened": [], "unused_keys": ["key-1"]}
    assert again.json()["resealed"] == 0


def test_nobody_without_a_token_gets_near_them(stranger) -> None:
    for method, path in (("GET", ""), ("GET", "/db"), ("PUT", "/db"), ("DELETE", "/db")):
        assert stranger.request(method, SECRETS + path, content=json.dumps({"value": VALUE})).status_code == 401
    assert stranger.post("/api/v1/sealing/rotate").status_code == 401
