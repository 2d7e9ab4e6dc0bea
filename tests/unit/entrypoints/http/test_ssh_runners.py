import pytest

from tests.builders import host_key
from tests.unit.application.yard import MemoryYard

RUNNERS = "/api/v1/runners"
KEY = f"{host_key().type} {host_key().data}"
FAR = {"kind": "ssh", "name": "far", "host": "far", "user": "me", "key": {"agent": True}, "host_keys": [KEY]}


def code(answer) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


def pointers(answer) -> set[str]:
    return {each["pointer"] for each in answer.json()["errors"]}


def test_a_host_is_added_shown_and_removed(client) -> None:
    added = client.post(RUNNERS, json={**FAR, "slots": 3, "queues": ["gpu"], "labels": {"zone": "b"}})

    assert (added.status_code, added.headers["ETag"]) == (201, '"1"')
    shown = client.get(f"{RUNNERS}/far").json()
    assert shown == added.json()
    assert (shown["kind"], shown["slots"], shown["queues"], shown["labels"]) == ("ssh", 3, ["gpu"], {"zone": "b"})
    assert shown["ssh"] == {
        "host": "far",
        "port": 22,
        "user": "me",
        "key": {"file": None, "agent": True, "kept": None},
        "host_keys": [{"type": "ssh-ed25519", "fingerprint": host_key().fingerprint, "key": KEY}],
        "work_root": "~/.runyard",
    }
    assert (shown["checked"]["fit"], shown["checked"]["cores"], shown["trouble"]) == (True, 4, None)
    assert client.delete(f"{RUNNERS}/far").status_code == 204


def test_every_wrong_field_is_named(client) -> None:
    wrong = {"host_keys": ["ssh-ed25519 AAAA", KEY], "host": "far"}
    assert pointers(client.post(RUNNERS, json={**FAR, **wrong})) == {"/host_keys/0"}
    worse = {"host": "-o", "port": 0, "user": "a b", "key": {}, "work_root": "x"}
    assert pointers(client.post(RUNNERS, json={**FAR, **worse})) == {"/host", "/port", "/user", "/key", "/work_root"}
    assert pointers(client.post(RUNNERS, json={"kind": "local", "colour": 1})) >= {"/kind", "/colour", "/name"}
    assert pointers(client.post(RUNNERS, json={**FAR, "name": "no name"})) == {"/name"}


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"name": "here"}, 409, "runner-name-taken"),
        ({"host": "gone"}, 409, "host-unfit"),
        ({"host_keys": [f"{host_key('x').type} {host_key('x').data}"]}, 409, "host-unfit"),
    ],
)
def test_what_cannot_be_added_is_refused(client, changes, status: int, problem: str) -> None:
    answer = client.post(RUNNERS, json={**FAR, **changes})

    assert (answer.status_code, code(answer)) == (status, problem)


def test_a_host_that_is_away_is_added_unseen_and_checked_later(client) -> None:
    assert client.post(RUNNERS, json={**FAR, "host": "gone", "check": False}).json()["checked"] is None
    checked = client.post(f"{RUNNERS}/far/check").json()["checked"]

    assert (checked["fit"], checked["findings"][0]["name"]) == (False, "reachable")


def test_a_private_key_is_taken_and_only_its_fingerprint_is_shown(client) -> None:
    word = "PRIVATE"  # what has the form of a key is in no file of ours
    private = f"-----BEGIN {word} KEY----- correct horse"
    added = client.post(RUNNERS, json={**FAR, "key": {"private": private}})

    kept = added.json()["ssh"]["key"]["kept"]
    assert (added.status_code, kept["kind"], kept["fingerprint"][:18]) == (201, "key", "ssh-ed25519 SHA256")
    assert "correct horse" not in added.text + client.get(f"{RUNNERS}/far").text
    again = client.patch(f"{RUNNERS}/far", json={"key": {"private": private + " again"}})
    assert again.json()["ssh"]["key"]["kept"]["fingerprint"] != kept["fingerprint"]


@pytest.mark.parametrize(
    ("key", "pointer"),
    [
        ({"private": "correct horse"}, "/key/private"),
        ({"private": ""}, "/key/private"),
        ({"password": "correct horse"}, "/key/password"),
        ({"private": "correct", "password": "horse"}, "/key"),
        ({"private": "correct horse", "file": "/k"}, "/key"),
        ({"private": ["correct horse"]}, "/key/private"),
    ],
)
def test_what_cannot_be_kept_is_refused_without_being_repeated(client, key, pointer: str) -> None:
    refused = client.post(RUNNERS, json={**FAR, "key": key})

    assert (refused.status_code, pointers(refused)) == (422, {pointer})
    assert "horse" not in refused.text


def test_a_host_shows_its_key(client) -> None:
    shown = client.post(f"{RUNNERS}/host-key", json={"host": "far"}).json()

    assert shown == {"type": "ssh-ed25519", "fingerprint": host_key().fingerprint, "key": KEY}
    assert client.post(f"{RUNNERS}/host-key", json={"host": "gone"}).status_code == 503
    assert client.post(f"{RUNNERS}/host-key", json={"host": "-o"}).status_code == 422


def test_the_way_to_a_host_is_edited(client, yard: MemoryYard) -> None:
    client.post(RUNNERS, json=FAR)
    other = f"{host_key('b').type} {host_key('b').data}"
    edited = client.patch(
        f"{RUNNERS}/far", json={"port": 2222, "key": {"file": "/k"}, "host_keys": [KEY, other]}
    ).json()

    assert (edited["ssh"]["port"], edited["ssh"]["key"]["file"], edited["revision"]) == (2222, "/k", 2)
    assert [key["key"] for key in edited["ssh"]["host_keys"]] == [KEY, other]
    assert pointers(client.patch(f"{RUNNERS}/here", json={"user": "x"})) == {"/user"}
    assert pointers(client.patch(f"{RUNNERS}/far", json={"host_keys": ["x"]})) == {"/host_keys/0"}
