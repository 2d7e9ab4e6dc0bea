import pytest

from tests.unit.application.yard import MemoryYard

from .house import JOBS

PROJECTS = "/api/v1/projects"
QUEUES = "/api/v1/queues"


@pytest.fixture
def other(client) -> str:
    assert client.post(PROJECTS, json={"name": "other"}).status_code == 201
    return "other"


def test_there_is_one_project_and_others_are_made_once(client, other) -> None:
    assert [each["name"] for each in client.get(PROJECTS).json()["items"]] == ["default", "other"]

    again = client.post(PROJECTS, json={"name": "other"})
    assert (again.status_code, again.json()["type"]) == (409, "urn:runyard:problem:project-exists")


@pytest.mark.parametrize("name", ["", "Upper", "a/b", "-a", "a" * 64, "\0", None])
def test_what_cannot_be_a_project_is_named(client, name: object) -> None:
    answer = client.post(PROJECTS, json={"name": name})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/name")


def test_a_job_belongs_to_the_project_it_was_submitted_into(client, other) -> None:
    mine = client.post(JOBS, json={"command": ["true"]}).json()
    theirs = client.post(JOBS, json={"command": ["true"], "project": other}).json()

    assert (mine["project"], theirs["project"]) == ("default", other)
    assert [each["id"] for each in client.get(JOBS, params={"project": other}).json()["items"]] == [theirs["id"]]
    answer = client.post(f"{JOBS}/cancel", json={"project": other})
    assert answer.json()["ids"] == [theirs["id"]]


def test_a_job_of_no_project_is_refused_and_hinders_no_other(client) -> None:
    alone = client.post(JOBS, json={"command": ["true"], "project": "none"})
    batch = client.post(f"{JOBS}/batch", json={"jobs": [{"command": "a", "project": "none"}, {"command": "b"}]}).json()

    assert (alone.status_code, alone.json()["type"]) == (404, "urn:runyard:problem:project-not-found")
    assert [(each["id"] is None) for each in batch["items"]] == [True, False]


def test_a_key_of_one_project_says_nothing_in_another(client, other) -> None:
    named = {"Idempotency-Key": "k"}
    keyed = {"command": ["true"], "concurrency": {"key": "k", "on_conflict": "reject"}}
    first = client.post(JOBS, json=keyed, headers=named)
    second = client.post(JOBS, json={**keyed, "project": other}, headers=named)

    assert [first.status_code, second.status_code] == [201, 201]
    assert client.post(JOBS, json=keyed).json()["detail"].startswith("the key 'k' is held by")
    assert client.post(JOBS, json=keyed, headers=named).json()["replayed"]


def test_queues_of_two_projects_are_paused_by_themselves(client, other) -> None:
    client.post(f"{QUEUES}/gpu/pause", params={"project": other})

    assert [(each["project"], each["paused"]) for each in client.get(QUEUES).json()["items"]] == [(other, True)]
    assert client.get(QUEUES, params={"project": "default"}).json()["items"] == []
    assert client.post(f"{QUEUES}/gpu/pause", params={"project": "none"}).status_code == 404


def test_a_runner_is_shared_by_an_edit_that_says_with_whom_and_for_whose_jobs(client, yard: MemoryYard) -> None:
    view = client.patch(f"/api/v1/runners/{yard.runner.name}", json={"shared_with": ["other", "*"], "owners": ["ada"]})
    wrong = client.patch(f"/api/v1/runners/{yard.runner.name}", json={"shared_with": ["No"], "owners": []})

    assert (view.json()["project"], view.json()["shared_with"], view.json()["owners"]) == (
        "default",
        ["other", "*"],
        ["ada"],
    )
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/shared_with/0", "/owners"]
