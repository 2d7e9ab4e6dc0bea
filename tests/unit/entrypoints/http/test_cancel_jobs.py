"""Listing by filters, and cancelling all that a filter means."""

import pytest

from .house import JOBS

CANCEL = f"{JOBS}/cancel"


@pytest.fixture
def ids(yard):
    """Three jobs: red in queue a, red in queue b, blue in queue a."""
    return [
        yard.submit(queue=queue, labels={"team": team}, name=f"{team}-{queue}").id
        for team, queue in (("red", "a"), ("red", "b"), ("blue", "a"))
    ]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("label=team%3Dred", [1, 0]),
        ("label=team%3Dred&queue=a", [0]),
        ("label=team%3Dred&label=team%3Dblue", []),
        ("name=blue-a", [2]),
        ("created_after=2000-01-31T12:00:00Z", [2, 1, 0]),
        ("created_before=2000-01-31T12:00:00Z", []),
        ("state=queued&queue=b", [1]),
    ],
)
def test_jobs_are_listed_by_filters(client, ids, query, wanted) -> None:
    found = client.get(f"{JOBS}?{query}").json()["items"]

    assert [job["id"] for job in found] == [ids[at] for at in wanted]


@pytest.mark.parametrize("query", ["label=team", "label=%3Dx", "created_after=yesterday", "queue=%00", "label=a%3D%00"])
def test_a_filter_that_cannot_be_is_named(client, query) -> None:
    answer = client.get(f"{JOBS}?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("act", ["cancel", "rerun"])
@pytest.mark.parametrize("field", ["project", "owner", "queue", "name", "label"])
def test_what_no_store_can_hold_is_not_looked_for(client, act, field) -> None:
    answer = client.post(f"{JOBS}/{act}", json={field: {"a": "b\0"} if field == "label" else "a\0"})

    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert (wrong["pointer"].split("/")[1], wrong["detail"]) == (field, "must not hold NUL")


def test_all_that_is_meant_is_cancelled(client, ids, yard) -> None:
    told = client.post(CANCEL, json={"label": {"team": "red"}}).json()

    assert told == {"count": 2, "ids": [ids[1], ids[0]], "next_cursor": None, "dry_run": False}
    assert [yard.get(job_id).state for job_id in ids] == ["cancelled", "cancelled", "queued"]


def test_a_dry_run_only_tells(client, ids, yard) -> None:
    told = client.post(CANCEL, json={"queue": "a", "dry_run": True}).json()

    assert told["ids"] == [ids[2], ids[0]]
    assert {yard.get(job_id).state.value for job_id in ids} == {"queued"}


def test_beyond_the_limit_it_goes_on_where_it_stopped(client, yard, ids) -> None:
    first = client.post(CANCEL, json={"state": ["queued"], "limit": 2}).json()
    rest = client.post(CANCEL, json={"state": ["queued"], "limit": 2, "cursor": first["next_cursor"]}).json()

    assert [*first["ids"], *rest["ids"]] == ids[::-1]
    assert rest["next_cursor"] is None


def test_what_has_finished_is_not_meant(client, yard, ids) -> None:
    yard.cancel(ids[0])

    assert client.post(CANCEL, json={"label": {"team": "red"}}).json()["ids"] == [ids[1]]
    assert client.post(CANCEL, json={"state": ["cancelled"]}).json()["ids"] == []


@pytest.mark.parametrize("body", [{}, {"limit": 5}, {"state": ["gone"]}, {"label": ["a"]}, {"queue": "a", "limit": 0}])
def test_nothing_is_cancelled_by_mistake(client, yard, ids, body) -> None:
    assert client.post(CANCEL, json=body).status_code == 422
    assert {yard.get(job_id).state.value for job_id in ids} == {"queued"}


def test_more_than_one_transaction_holds_are_cancelled_too(client, yard) -> None:
    for _ in range(450):
        yard.submit(queue="many")

    assert client.post(CANCEL, json={"queue": "many"}).json()["count"] == 450
    assert client.get(f"{JOBS}?state=queued&queue=many").json()["items"] == []
