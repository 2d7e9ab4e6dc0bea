"""Somebody who may do everything in one project asks every route there is, and finds nothing of another project."""

from typing import Any

import pytest

from runyard.domain.accounts.permissions import Role
from runyard.domain.jobs.ids import JobId
from runyard.entrypoints.http.addresses import cursor_of
from tests.unit.application.yard import MemoryYard

from .house import JOBS, a_client
from .tenants import THEIRS, Tenants
from .test_matrix import API, FOREIGN, RULES, filled, names


@pytest.fixture
def tenants() -> Tenants:
    return Tenants(MemoryYard())


@pytest.fixture
def crawler(tenants: Tenants):
    with a_client(tenants.yard) as client:
        client.headers.update(tenants.people[Role.ADMIN].headers)
        yield client


def told(answer: Any, *given: str) -> str:
    """All that an answer says, but for what was asked of it."""
    text = f"{answer.headers} {answer.text}"
    for each in given:
        text = text.replace(each, "")
    return text


def test_no_route_tells_anything_of_another_project(tenants, crawler) -> None:
    theirs = names(tenants, tenants.people[Role.ADMIN], FOREIGN)
    mine = {**theirs, "job_id": tenants.finished("default", "a-admin"), "runner": "here", "project": "default"}
    for method, path in sorted(RULES):
        for said in (theirs, {**mine, "queue": "zebra-queue"}):
            rule = RULES[method, path]
            body = {} if rule.body is None else {"json": filled(rule.body, said)}
            answer = crawler.request(method, filled(path, said), params=filled(rule.query, said), **body)
            assert "zebra" not in told(answer, *said.values()), (method, path)


@pytest.mark.parametrize(
    "query",
    [
        {"project": THEIRS},
        {"owner": "zebra-ann"},
        {"queue": "zebra-queue"},
        {"name": "zebra-job"},
        {"label": "who=zebra-label"},
        {"state": "cancelled"},
        {"limit": "200"},
    ],
    ids=repr,
)
def test_no_filter_of_jobs_reaches_another_project(crawler, query: dict[str, str]) -> None:
    answer = crawler.get(JOBS, params=query)

    assert answer.status_code == 200
    assert all(each["project"] == "default" for each in answer.json()["items"])
    assert "zebra" not in told(answer)


def test_guessed_ids_and_cursors_lead_nowhere_else(tenants, crawler) -> None:
    for size in (1, 8, 20, 36):
        for part in (tenants.theirs[:size], tenants.theirs[-size:]):
            assert tenants.theirs not in crawler.get(JOBS, params={"id_part": part}).text
    for after in (tenants.theirs, JobId("ffffffff-ffff-ffff-ffff-ffffffffffff")):
        answer = crawler.get(JOBS, params={"cursor": cursor_of(after), "limit": 200})
        assert "zebra" not in told(answer)
    everything = {"state": ["queued", "pending", "cancelled"], "dry_run": True, "cursor": cursor_of(tenants.theirs)}
    assert tenants.theirs not in crawler.post(f"{JOBS}/cancel", json=everything).text
    assert tenants.theirs not in crawler.post(f"{JOBS}/rerun", json=everything).text


def test_a_submission_learns_nothing_of_another_projects_runners_and_keys(crawler) -> None:
    asked = {"command": ["true"], "placement": {"runner": "zebra-runner"}, "queue": "zebra-queue"}
    unknown = {"command": ["true"], "placement": {"runner": "some-other1"}, "queue": "zebra-queue"}
    keyed = {"command": ["true"], "concurrency": {"key": "key", "on_conflict": "reject"}}

    there, nowhere = crawler.post(JOBS, json=asked).json(), crawler.post(JOBS, json=unknown).json()
    assert [each.replace("zebra-runner", "*") for each in there["warnings"]] == [
        each.replace("some-other1", "*") for each in nowhere["warnings"]
    ]
    assert "zebra" not in told(crawler.post(f"{JOBS}/explain", json=asked), "zebra-runner", "zebra-queue")
    assert crawler.post(JOBS, json=keyed).status_code == 201


def test_a_runner_that_is_shared_tells_its_users_of_no_other_project(tenants, crawler) -> None:
    shared = {"shared_with": ["default", "zebra-other"]}
    edited = crawler.patch(f"{API}/runners/zebra-runner", json=shared, headers=tenants.stranger.headers)
    assert edited.json()["shared_with"] == ["default", "zebra-other"]

    seen = crawler.get(f"{API}/runners/zebra-runner").json()
    assert (seen["shared_with"], seen["project"]) == (["default"], THEIRS)
    assert crawler.post(f"{API}/runners/zebra-runner/cordon").status_code == 403
    assert crawler.patch(f"{API}/runners/here", json={"shared_with": ["*"]}).status_code == 200
