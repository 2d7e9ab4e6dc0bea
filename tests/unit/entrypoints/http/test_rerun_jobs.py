"""Rerunning all that a filter means."""

import pytest

from .house import JOBS

RERUN = f"{JOBS}/rerun"


@pytest.fixture
def ids(yard):
    """Two finished red jobs, and a red one that waits."""
    old = [yard.cancel(yard.submit(labels={"team": "red"}).id).id for _ in range(2)]
    waits = yard.submit(labels={"team": "red"}).id
    yard.clock.advance(1)
    return [*old, waits]


def test_all_that_is_meant_is_rerun_or_refused_one_by_one(client, ids, yard) -> None:
    answer = client.post(RERUN, json={"label": {"team": "red"}})

    told = answer.json()
    assert answer.status_code == 200
    assert (told["created"], told["replayed"], told["refused"], told["next_cursor"]) == (2, 0, 1, None)
    assert [item["id"] for item in told["items"]] == ids[::-1]
    assert told["items"][0]["problem"]["type"] == "urn:runyard:problem:job-not-finished"
    again = client.get(f"{JOBS}/{told['items'][1]['rerun']}").json()
    assert (again["rerun_of"], again["labels"]) == (ids[1], {"team": "red"})


def test_a_repeated_call_answers_the_same(client, ids) -> None:
    headers = {"Idempotency-Key": "again"}
    first = client.post(RERUN, json={"state": ["cancelled"]}, headers=headers).json()
    second = client.post(RERUN, json={"state": ["cancelled"]}, headers=headers).json()

    assert (second["created"], second["replayed"]) == (0, 2)
    assert [item["rerun"] for item in second["items"]] == [item["rerun"] for item in first["items"]]


def test_beyond_the_limit_it_goes_on_where_it_stopped(client, ids) -> None:
    body = {"state": ["cancelled"], "limit": 1}
    first = client.post(RERUN, json=body, headers={"Idempotency-Key": "k"}).json()
    rest = client.post(RERUN, json={**body, "cursor": first["next_cursor"]}, headers={"Idempotency-Key": "k"}).json()

    assert [item["id"] for page in (first, rest) for item in page["items"]] == [ids[1], ids[0]]
    assert rest["next_cursor"] is None


def test_a_dry_run_only_tells(client, ids) -> None:
    told = client.post(RERUN, json={"label": {"team": "red"}, "dry_run": True}).json()

    assert (told["created"], told["refused"], told["dry_run"]) == (0, 1, True)
    assert len(client.get(JOBS).json()["items"]) == 3


@pytest.mark.parametrize("body", [{}, {"limit": 5}, {"state": ["gone"]}, {"queue": "a", "limit": 10_001}])
def test_nothing_is_rerun_by_mistake(client, ids, body) -> None:
    assert client.post(RERUN, json=body).status_code == 422
    assert len(client.get(JOBS).json()["items"]) == 3


def test_a_key_that_is_too_long_for_an_id_behind_it_is_refused(client, ids) -> None:
    answer = client.post(RERUN, json={"queue": "default"}, headers={"Idempotency-Key": "k" * 219})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"


def test_another_filter_under_the_key_is_refused(client, ids) -> None:
    client.post(RERUN, json={"state": ["cancelled"]}, headers={"Idempotency-Key": "k"})

    answer = client.post(RERUN, json={"queue": "default"}, headers={"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:runyard:problem:idempotency-mismatch")
