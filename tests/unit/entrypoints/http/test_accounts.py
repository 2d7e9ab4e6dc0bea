"""Accounts, roles and tokens over HTTP."""

from typing import Any

import pytest

from runyard.adapters.memory.rates import MemoryRates
from runyard.application.accounts.guessing import Unguessed
from runyard.domain.rates.rate import Rate
from runyard.entrypoints import doorkeeper
from tests.unit.application.yard import MemoryYard

from .house import JOBS, a_client
from .tenants import PASSWORD, Tenants

API = "/api/v1"
SEVERAL = {"command": ["true"]}


@pytest.fixture
def tenants() -> Tenants:
    return Tenants(MemoryYard())


@pytest.fixture
def door(tenants: Tenants, monkeypatch: pytest.MonkeyPatch):
    """What a doorkeeper remembers for two seconds is not waited for here."""
    monkeypatch.setattr(doorkeeper, "REMEMBERED_SECONDS", 0.0)
    with a_client(tenants.yard) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_one_is_told_who_one_is_and_what_one_may_do(tenants, door) -> None:
    me = door.get(f"{API}/me", headers=tenants.people["submitter"].headers).json()

    assert (me["name"], me["roles"], me["instance_admin"], me["scopes"]) == (
        "a-submitter",
        {"default": "submitter"},
        False,
        None,
    )
    assert me["permissions"] == {"default": ["see", "steer_own", "submit"]}


def test_a_job_is_its_submitters_and_an_operator_may_submit_for_others(tenants, door) -> None:
    mine = door.post(JOBS, json=SEVERAL, headers=tenants.people["submitter"].headers).json()
    given = door.post(JOBS, json={**SEVERAL, "owner": "bob"}, headers=tenants.people["operator"].headers).json()
    refused = door.post(JOBS, json={**SEVERAL, "owner": "bob"}, headers=tenants.people["submitter"].headers)

    assert (mine["owner"], given["owner"]) == ("a-submitter", "bob")
    assert refused.status_code == 403
    assert "submit_for_others" in refused.json()["detail"]


def test_a_rerun_is_whose_it_is_that_asked_for_it(tenants, door) -> None:
    old = tenants.finished("default", "bob")

    again = door.post(f"{JOBS}/{old}/rerun", headers=tenants.people["submitter"].headers).json()
    both = {"project": "default", "owner": "bob"}
    many = door.post(f"{JOBS}/rerun", json=both, headers=tenants.people["submitter"].headers).json()
    assert again["owner"] == "a-submitter"
    assert door.get(f"{JOBS}/{many['items'][0]['rerun']}", headers=tenants.people["viewer"].headers).json()[
        "owner"
    ] == ("a-submitter")


def test_submitters_cancel_of_what_a_filter_means_only_their_own(tenants, door) -> None:
    mine, other = tenants.yard.submit(owner="a-submitter").id, tenants.yard.submit(owner="bob").id

    found = door.post(f"{JOBS}/cancel", json={"state": ["queued"]}, headers=tenants.people["submitter"].headers).json()
    assert found["ids"] == [mine]
    assert tenants.yard.get(other).state == "queued"


def test_a_token_is_shown_once_and_never_again(tenants, door) -> None:
    headers = tenants.people["viewer"].headers
    made = door.post(f"{API}/tokens", json={"name": "ci", "scopes": ["see"]}, headers=headers).json()
    listed = door.get(f"{API}/tokens", headers=headers)

    assert door.get(f"{API}/me", headers=bearer(made["text"])).json()["scopes"] == ["see"]
    assert made["text"] not in listed.text
    assert made["text"].split("_")[2] not in repr(tenants.yard.store._published.tokens)
    (found,) = (each for each in listed.json()["items"] if each["id"] == made["id"])
    assert found.keys() == made.keys() - {"text"}


def test_a_token_makes_none_that_may_do_more_than_itself(tenants, door) -> None:
    scopes = ["manage_own_tokens", "see"]
    narrow = door.post(f"{API}/tokens", json={"scopes": scopes}, headers=tenants.people["admin"].headers).json()["text"]

    wide = door.post(f"{API}/tokens", json={}, headers=bearer(narrow)).json()
    wider = door.post(f"{API}/tokens", json={"scopes": ["submit", "see"]}, headers=bearer(narrow)).json()
    assert (wide["scopes"], wider["scopes"]) == (scopes, ["see"])
    seeing = door.post(f"{API}/tokens", json={}, headers=bearer(wider["text"]))
    assert (seeing.status_code, "the scopes of the token are see" in seeing.json()["detail"]) == (403, True)


@pytest.fixture
def blind(tenants, door) -> dict[str, str]:
    """A token of the submitter that may submit and see nothing."""
    headers = tenants.people["submitter"].headers
    return bearer(door.post(f"{API}/tokens", json={"scopes": ["submit"]}, headers=headers).json()["text"])


def test_who_may_submit_and_not_see_is_answered_with_ones_own_jobs_alone(tenants, door, blind) -> None:
    theirs, own = ({"command": ["true", which]} for which in ("theirs", "own"))
    keys = {"theirs": {"Idempotency-Key": "theirs"}, "own": {"Idempotency-Key": "own"}}
    made = door.post(JOBS, json=theirs, headers=tenants.people["operator"].headers | keys["theirs"])
    first = door.post(JOBS, json=own, headers=blind | keys["own"])
    again = door.post(JOBS, json=own, headers=blind | keys["own"])
    refused = door.post(JOBS, json=theirs, headers=blind | keys["theirs"])
    many = {"jobs": [{**theirs, "idempotency_key": "theirs"}]}
    listed = door.post(f"{JOBS}/batch", json=many, headers=blind).json()["items"]

    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])
    assert refused.status_code == 403
    assert "this needs the permission 'see' in project 'default'" in refused.json()["detail"]
    assert listed[0]["id"] is None
    assert made.json()["id"] not in refused.text + str(listed)
    seeing = door.post(JOBS, json=theirs, headers=tenants.people["submitter"].headers | keys["theirs"])
    assert (seeing.status_code, seeing.json()["id"]) == (200, made.json()["id"])


def test_who_may_submit_and_not_see_reruns_ones_own_jobs_and_waits_for_none(tenants, door, blind) -> None:
    mine, other = tenants.finished("default", "a-submitter"), tenants.finished("default", "bob")
    key = {"Idempotency-Key": "rerun"}
    foreign = door.post(f"{JOBS}/{mine}/rerun", headers=tenants.people["operator"].headers | key)

    assert door.post(f"{JOBS}/{mine}/rerun", headers=blind).status_code == 201
    assert door.post(f"{JOBS}/{mine}/rerun", headers=blind | key).status_code == 403
    assert foreign.json()["id"] not in door.post(f"{JOBS}/{mine}/rerun", headers=blind | key).text
    assert door.post(f"{JOBS}/{other}/rerun", headers=blind).status_code == 403
    at_once = door.post(JOBS, json={"command": ["true"]}, headers=blind | {"Prefer": "wait=60"})
    assert (at_once.status_code, "Preference-Applied" in at_once.headers) == (201, False)


def test_a_rotated_token_overlaps_with_its_successor_for_the_grace_period(tenants, door) -> None:
    old = door.post(f"{API}/tokens", json={"scopes": ["see"]}, headers=tenants.people["viewer"].headers).json()
    path = f"{API}/tokens/{old['id']}/rotate"
    new = door.post(path, json={"grace": 60}, headers=tenants.people["viewer"].headers).json()

    assert [door.get(JOBS, headers=bearer(each["text"])).status_code for each in (old, new)] == [200, 200]
    assert new["scopes"] == ["see"]
    tenants.yard.clock.advance(61)
    assert [door.get(JOBS, headers=bearer(each["text"])).status_code for each in (old, new)] == [401, 200]
    assert door.post(path, json={}, headers=tenants.people["viewer"].headers).status_code == 409


@pytest.mark.parametrize("how", ["revoked", "expired", "disabled"])
def test_a_token_that_is_good_no_more_opens_nothing(tenants, door, how: str) -> None:
    made = door.post(f"{API}/tokens", json={"expires_in": 100}, headers=tenants.people["viewer"].headers).json()
    assert door.get(JOBS, headers=bearer(made["text"])).status_code == 200
    admin = tenants.people["instance"].headers
    if how == "revoked":
        assert door.post(f"{API}/tokens/{made['id']}/revoke", headers=admin).status_code == 204
    elif how == "expired":
        tenants.yard.clock.advance(100)
    else:
        assert door.patch(f"{API}/accounts/a-viewer", json={"disabled": True}, headers=admin).status_code == 200

    refused = door.get(JOBS, headers=bearer(made["text"]))
    unknown = door.get(JOBS, headers=bearer(tenants.token("zebra-ann")[:-7] + "A" * 7))
    assert (refused.status_code, refused.json()["detail"]) == (401, unknown.json()["detail"])


def test_a_role_that_was_taken_away_is_gone_for_tokens_in_use(tenants, door) -> None:
    headers = tenants.people["operator"].headers
    job = tenants.finished("default", "bob")
    members = f"{API}/projects/default/members"
    assert door.get(f"{JOBS}/{job}", headers=headers).status_code == 200
    assert door.delete(f"{members}/a-operator", headers=tenants.people["admin"].headers).status_code == 204

    assert door.get(f"{JOBS}/{job}", headers=headers).status_code == 404
    assert "a-operator" not in door.get(members, headers=tenants.people["admin"].headers).text


def test_the_last_use_of_a_token_is_written_once_a_minute(tenants, door) -> None:
    headers = tenants.people["viewer"].headers

    def used() -> Any:
        return door.get(f"{API}/tokens", headers=headers).json()["items"][0]["last_used_at"]

    first = used()
    tenants.yard.clock.advance(59)
    assert used() == first
    tenants.yard.clock.advance(1)
    assert used() > first


def test_a_password_is_worth_a_token_and_nothing_tells_why_not(tenants, door) -> None:
    def logged_in(name: str, password: str) -> Any:
        return door.post(f"{API}/login", json={"name": name, "password": password})

    token = logged_in("a-viewer", PASSWORD).json()["text"]
    assert door.get(f"{API}/me", headers=bearer(token)).json()["name"] == "a-viewer"
    door.patch(f"{API}/accounts/a-admin", json={"disabled": True}, headers=tenants.people["instance"].headers)
    refused = [logged_in("a-viewer", "wrong"), logged_in("nobody-known", PASSWORD), logged_in("a-admin", PASSWORD)]
    assert {(answer.status_code, answer.json()["detail"]) for answer in refused} == {
        (401, "there is no account of this name with this password")
    }


def test_guesses_at_one_account_end_for_strangers_whoever_they_are_and_the_owner_goes_on(tenants) -> None:
    yard, rate = tenants.yard, Rate(per_second=1 / 60, most=2)
    log_in = Unguessed(yard.log_in, yard.store.read, MemoryRates(yard.clock), rate)
    with a_client(yard, log_in=log_in) as client:

        def says(name: str, password: str) -> Any:
            return client.post(f"{API}/login", json={"name": name, "password": password})

        answers = {name: [says(name, "wrong") for _ in range(3)] for name in ("a-viewer", "nobody-known")}
        for known, unknown in zip(*answers.values(), strict=True):
            told = [{**each.json(), "request_id": None} for each in (known, unknown)]
            assert (known.status_code, told[0]) == (unknown.status_code, told[1])
        refused = says("a-viewer", PASSWORD)
        assert [each.status_code for each in answers["a-viewer"]] == [401, 401, 429]
        assert (refused.json()["type"], refused.headers["retry-after"]) == (
            "urn:runyard:problem:too-many-failed-logins",
            "60",
        )
        assert client.get(f"{API}/me", headers=tenants.people["viewer"].headers).status_code == 200


def test_ones_own_password_is_changed_with_the_old_one(tenants, door) -> None:
    headers, path = tenants.people["viewer"].headers, f"{API}/accounts/a-viewer/password"

    wrong = door.post(path, json={"new": "a much better one"}, headers=headers)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/old")
    assert door.post(path, json={"new": "a much better one", "old": PASSWORD}, headers=headers).status_code == 204
    again = door.post(f"{API}/login", json={"name": "a-viewer", "password": "a much better one"})
    assert again.status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("accounts", {"name": "Ada"}, "/name"),
        ("accounts", {"name": "ada", "password": "short"}, "/password"),
        ("accounts", {"name": "ada", "kind": "robot"}, "/kind"),
        ("accounts", {"name": "ada", "rank": 1}, "/rank"),
        ("tokens", {"scopes": ["everything"], "account": "a-viewer"}, "/scopes/0"),
        ("tokens", {"expires_in": 1e300, "account": "a-viewer"}, "/expires_in"),
        ("tokens", {"expires_in": -1, "account": "a-viewer"}, "/expires_in"),
        ("tokens", {"name": "a\0", "account": "a-viewer"}, "/name"),
    ],
)
def test_what_is_wrong_is_named_and_passwords_are_not_repeated(tenants, door, path, body, pointer) -> None:
    answer = door.post(f"{API}/{path}", json=body, headers=tenants.people["instance"].headers)

    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, [pointer])
    assert "short" not in answer.text
