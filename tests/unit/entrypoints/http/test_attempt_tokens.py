"""What a process of a job may do through the door: every route, on its own job, on one it submitted, on others."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest

from runyard.application.ports.executor import Voided
from runyard.domain.jobs.access import JobAccess
from runyard.domain.jobs.ids import JobId
from tests.builders import BOOT
from tests.unit.application.yard import MemoryYard, ended

from .house import JOBS, a_client
from .tenants import MINE, Tenants
from .test_matrix import API, OF_A_JOB, OWN, RULES, filled, names

LOOKS: Final = {("GET", f"{OF_A_JOB}{what}") for what in ("", "/attempts", "/explain", "/log", "/log/stream")}
STEERS: Final = {("POST", f"{OF_A_JOB}/{what}") for what in ("cancel", "pause", "resume")}
STREAM: Final = ("GET", f"{OF_A_JOB}/log/stream")
SUBMITS: Final = {("POST", f"{JOBS}{what}") for what in ("", "/batch", "/explain", "/cancel", "/rerun")}
"""Of many it cancels those that it submitted, and reruns none: no job is within its reach for that."""
LISTS: Final = {("GET", f"{API}/{what}") for what in ("jobs", "runners", "queues", "projects")}
ALWAYS: Final = {*LISTS, ("GET", f"{API}/me")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A job with access and those around it: one that it submitted, and one of the same owner."""

    job: JobId
    child: JobId
    other: JobId
    headers: dict[str, str]


@pytest.fixture(scope="module")
def tenants() -> Tenants:
    return Tenants(MemoryYard())


@pytest.fixture(scope="module")
def door(tenants: Tenants) -> Iterator[Any]:
    with a_client(tenants.yard) as client:
        yield client


def within(tenants: Tenants, access: JobAccess) -> Iterator[Within]:
    yard, later = tenants.yard, tenants.yard.clock.now() + timedelta(days=1)
    job = yard.submit(access=access, owner="a-submitter", priority=1000)
    (handed_out,) = yard.hand_out(1)
    assert handed_out.ref.job_id == job.id
    assert handed_out.order is not None
    child = yard.submit(owner="a-submitter", parent=job.id, not_before=later)
    other = yard.submit(owner="a-submitter", not_before=later)
    headers = {"Authorization": f"Bearer {handed_out.order.secrets['RUNYARD_TOKEN']}"}
    yield Within(job=job.id, child=child.id, other=other.id, headers=headers)
    now = yard.get(job.id)
    yard.report(ended(now), fence=now.fence)


@pytest.fixture(params=[JobAccess.OWN, JobAccess.SUBMIT])
def inside(request: pytest.FixtureRequest, tenants: Tenants) -> Iterator[tuple[JobAccess, Within]]:
    for around in within(tenants, request.param):
        yield request.param, around


@pytest.fixture
def around(tenants: Tenants) -> Iterator[Within]:
    yield from within(tenants, JobAccess.SUBMIT)


def asked(door: Any, tenants: Tenants, route: tuple[str, str], job: JobId, headers: dict[str, str]) -> tuple[int, Any]:
    """As the owner of the job would ask."""
    method, path = route
    said = {**names(tenants, tenants.people["submitter"], OWN), "job_id": job}
    body = {} if RULES[route].body is None else {"json": filled(RULES[route].body, said)}
    answer = door.request(method, filled(path, said), params=filled(RULES[route].query, said), headers=headers, **body)
    text = answer.text
    if path.endswith("/batch") and answer.status_code < 400:
        problem = answer.json()["items"][0]["problem"]
        return (403 if problem else 200), json.dumps(problem)
    return answer.status_code, text


@pytest.mark.parametrize("route", sorted(RULES), ids=" ".join)
def test_every_route_answers_a_process_of_a_job_as_the_table_says(tenants, door, inside, route) -> None:
    access, around = inside
    submits = access is JobAccess.SUBMIT
    allowed = {
        around.job: ALWAYS | LOOKS | (SUBMITS if submits else set()),
        around.child: ALWAYS | LOOKS | (SUBMITS | STEERS if submits else set()),
    }
    if route == STREAM:  # of what has not ended it lasts
        tenants.yard.cancel(around.child)
        del allowed[around.job]
    for job, may in allowed.items():
        status, text = asked(door, tenants, route, job, around.headers)
        cell = (route, access, job == around.child, status, text)
        assert status < 500, cell
        assert (status not in {401, 403, 404}) == (route in may), cell
        if status == 403:
            assert re.search(r"this needs the permission '\w+'", text), cell
            assert f"this token is that of an attempt of job {around.job}" in text, cell


def told(text: str, job: str) -> dict[str, str]:
    return {name: value for name, value in json.loads(text.replace(job, "*")).items() if name != "request_id"}


@pytest.mark.parametrize("route", sorted(LOOKS | STEERS), ids=" ".join)
def test_another_job_of_the_same_owner_is_answered_as_one_that_is_not_there(tenants, door, inside, route) -> None:
    _, around = inside
    for job in (around.other, tenants.theirs):
        status, text = asked(door, tenants, route, job, around.headers)
        unknown = JobId("01900000-0000-7000-8000-0000000000ff")

        assert status == 404
        assert told(text, job) == told(asked(door, tenants, route, unknown, around.headers)[1], unknown)


def test_lists_show_the_job_and_those_it_submitted_and_nothing_else(tenants, door, inside) -> None:
    _, around = inside
    listed = {path: door.get(path, headers=around.headers).json()["items"] for _, path in LISTS}

    assert {job["id"] for job in listed.pop(f"{API}/jobs")} == {around.job, around.child}
    assert [*listed.values()] == [[], [], []]


def test_what_it_submits_is_its_owners_in_its_project_and_known_as_its(door, around) -> None:
    made = door.post(JOBS, json={"command": ["true"], "project": MINE}, headers=around.headers)

    assert made.status_code == 201, made.text
    assert (made.json()["owner"], made.json()["parent"]) == ("a-submitter", around.job)
    for foreign, status in (({"owner": "a-operator"}, 403), ({"project": "zebra"}, 404)):
        asked_for = {"command": ["true"], "project": MINE, **foreign}
        assert door.post(JOBS, json=asked_for, headers=around.headers).status_code == status
    assert door.post(JOBS, json={"command": ["true"], "parent": around.job}, headers=around.headers).status_code == 422


def test_naming_its_project_it_cancels_those_it_submitted_and_of_another_one_it_learns_nothing(door, around) -> None:
    mine = door.post(f"{JOBS}/cancel", json={"project": MINE, "dry_run": True}, headers=around.headers)
    foreign = door.post(f"{JOBS}/cancel", json={"project": "zebra", "dry_run": True}, headers=around.headers)

    assert mine.status_code == 200, mine.text
    assert mine.json()["ids"] == [around.child]
    assert foreign.status_code == 404, foreign.text


def keyed(who: dict[str, str]) -> dict[str, str]:
    return {**who, "Idempotency-Key": "nightly"}


def test_a_key_of_somebody_else_leads_it_to_no_job_but_its_own(tenants, door, around) -> None:
    asked, owner = {"command": ["true"], "project": MINE}, tenants.people["submitter"].headers
    many = {"jobs": [{**asked, "idempotency_key": "nightly"}]}
    theirs = door.post(JOBS, json=asked, headers=keyed(owner)).json()["id"]
    mine = door.post(JOBS, json=asked, headers=keyed(around.headers))
    again = door.post(JOBS, json=asked, headers=keyed(around.headers))
    listed = door.post(f"{JOBS}/batch", json=many, headers=around.headers).json()["items"]

    assert (mine.status_code, mine.json()["parent"]) == (201, around.job)
    assert (again.status_code, again.json()["id"]) == (200, mine.json()["id"])
    assert [(each["id"], each["replayed"]) for each in listed] == [(mine.json()["id"], True)]
    assert door.get(f"{JOBS}/{mine.json()['id']}", headers=around.headers).status_code == 200
    assert door.post(JOBS, json=asked, headers=keyed(owner)).json()["id"] == theirs != mine.json()["id"]


def test_the_next_attempt_of_a_job_knows_the_keys_of_the_one_before(tenants, door, around) -> None:
    asked, yard = {"command": ["true"], "project": MINE}, tenants.yard
    first = door.post(JOBS, json=asked, headers=keyed(around.headers)).json()
    yard.report(Voided(yard.get(around.job).ref, BOOT), fence=yard.get(around.job).fence)
    (handed_out,) = yard.hand_out(1)
    assert handed_out.ref.job_id == around.job
    assert handed_out.order is not None
    token = {"Authorization": f"Bearer {handed_out.order.secrets['RUNYARD_TOKEN']}"}

    again = door.post(JOBS, json=asked, headers=keyed(token))
    assert (again.status_code, again.json()["id"]) == (200, first["id"])


def test_a_call_that_may_rerun_nothing_uses_up_no_key_of_its_owner(tenants, door, around) -> None:
    owner = tenants.people["submitter"].headers
    within = door.post(f"{JOBS}/rerun", json={"name": "one"}, headers=keyed(around.headers))

    assert (within.status_code, within.json()["items"]) == (200, [])
    assert door.post(f"{JOBS}/rerun", json={"name": "another"}, headers=keyed(owner)).status_code == 200


def test_many_are_cancelled_only_of_those_it_submitted(door, around) -> None:
    cancelled = door.post(f"{JOBS}/cancel", json={"state": ["pending", "claimed"]}, headers=around.headers)

    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["ids"] == [around.child]
    rerun = door.post(f"{JOBS}/rerun", json={"owner": "a-submitter"}, headers=around.headers)
    assert (rerun.status_code, rerun.json()["items"]) == (200, []), rerun.text


def test_it_says_itself_of_which_job_it_is(tenants, door, inside) -> None:
    access, around = inside
    me = door.get(f"{API}/me", headers=around.headers).json()

    assert (me["name"], me["job"]) == ("a-submitter", around.job)
    assert me["permissions"] == {MINE: ["see"] if access is JobAccess.OWN else ["see", "steer_own", "submit"]}


def test_it_opens_no_door_of_agents(door, around) -> None:
    assert door.post(f"{API}/agent/sync", json={"epoch": 1}, headers=around.headers).status_code == 401


def test_once_its_attempt_has_ended_it_is_answered_with_what_to_do(tenants, door, around) -> None:
    job = tenants.yard.get(around.job)
    tenants.yard.report(ended(job), fence=job.fence)
    refused = door.get(f"{JOBS}/{around.job}", headers=around.headers)

    assert refused.status_code == 401
    assert "has ended" in refused.json()["detail"]
    assert "runyard token create" in refused.json()["detail"]
