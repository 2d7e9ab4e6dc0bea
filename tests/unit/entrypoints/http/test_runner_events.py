"""What happened to a runner, over HTTP."""

from typing import Any

import pytest

from tests.unit.application.yard import MemoryYard

from .house import WITH_TOKEN, a_client

EVENTS = "/api/v1/runners/here/events"


@pytest.fixture
def door() -> Any:
    with a_client(MemoryYard()) as client:
        client.headers.update(WITH_TOKEN)
        yield client


def test_events_come_newest_first_page_by_page_with_who_decided(door: Any) -> None:
    for what in ("cordon", "uncordon"):
        assert door.post(f"/api/v1/runners/here/{what}", json={}).status_code == 200
    first = door.get(EVENTS, params={"limit": 2})
    rest = door.get(EVENTS, params={"limit": 2, "cursor": first.json()["next_cursor"]})

    assert [(each["kind"], each["by"]) for each in first.json()["items"]] == [
        ("uncordoned", "admin"),
        ("cordoned", "admin"),
    ]
    assert f"cursor={first.json()['next_cursor']}" in first.headers["link"]
    assert [(each["kind"], each["by"], each["details"]) for each in rest.json()["items"]] == [("online", None, {})]
    assert (rest.json()["next_cursor"], "link" in rest.headers) == (None, False)


@pytest.mark.parametrize(
    ("query", "status"), [({"cursor": "made-up"}, 400), ({"limit": 0}, 400), ({"limit": 201}, 400), ({"x": "y"}, 400)]
)
def test_what_cannot_be_asked_is_refused(door: Any, query: dict[str, Any], status: int) -> None:
    assert door.get(EVENTS, params=query).status_code == status


def test_an_unknown_runner_has_none(door: Any) -> None:
    assert door.get("/api/v1/runners/unknown/events").status_code == 404
