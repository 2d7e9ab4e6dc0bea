import pytest

from runyard.application.ports.executor import Reported, Started
from runyard.domain.jobs.attempt import Progress
from runyard.entrypoints.http.bodies import JobBody
from tests.builders import a_job_id
from tests.unit.application.yard import ended

from .house import JOBS, output


def test_a_submitted_job_is_shown_with_its_defaults_and_found_where_location_says(client) -> None:
    answer = client.post(JOBS, json={"command": ["echo", "hello"], "priority": "high", "labels": {"team": "red"}})

    shown = answer.json()
    assert answer.status_code == 201
    assert (shown["state"], shown["priority"], shown["labels"]) == ("queued", 10, {"team": "red"})
    assert (shown["queue"], shown["grace_period"], shown["attempt"]) == ("default", 10.0, None)
    assert set(JobBody.model_fields) <= set(shown)
    assert shown == {**client.get(answer.headers["location"]).json(), "replayed": False, "warnings": []}


def test_a_view_can_be_submitted_again(client) -> None:
    first = client.post(JOBS, json={"command": "true", "not_before": "2031-01-31T12:00:00+02:00"}).json()
    again = {name: value for name, value in first.items() if name in JobBody.model_fields}

    second = client.post(JOBS, json=again).json()

    assert first["not_before"] == "2031-01-31T10:00:00Z"
    assert {name: second[name] for name in again} == again


def test_a_running_job_shows_its_runner_progress_and_result(yard, client) -> None:
    job = yard.assigned()
    progress = Progress(percent=40, message="nearly")
    yard.report(Started(job.ref, "group"), Reported(job.ref, progress, '{"answer": 42}'), fence=job.fence)

    shown = client.get(f"{JOBS}/{job.id}").json()

    assert (shown["state"], shown["attempt"], shown["runner"]) == ("running", 1, "here")
    assert shown["progress"] == {"percent": 40, "message": "nearly"}
    assert shown["result"] == {"answer": 42}
    assert shown["started_at"].endswith("Z")


def test_a_failed_job_shows_how_it_ended(yard, client) -> None:
    job = yard.assigned()
    yard.report(ended(job, 3), fence=job.fence)

    shown = client.get(f"{JOBS}/{job.id}").json()

    assert (shown["state"], shown["reason"], shown["exit_code"]) == ("failed", "exit_code", 3)
    assert shown["end_confirmed"] is True
    assert shown["finished_at"].endswith("Z")


def test_attempts_are_listed_by_number_with_the_size_of_their_logs(yard, client) -> None:
    job = yard.assigned()
    yard.report(Started(job.ref, "group"), fence=job.fence)
    yard.append(yard.chunk(job, 0, b"abc"), fence=job.fence)

    (running,) = client.get(f"{JOBS}/{job.id}/attempts").json()["items"]
    yard.report(ended(job, 3, log_size=3), fence=job.fence)
    (over,) = client.get(f"{JOBS}/{job.id}/attempts").json()["items"]

    assert (running["state"], running["log_size"], running["log_complete"]) == ("running", 3, False)
    assert (over["state"], over["ending"], over["exit_code"], over["log_complete"]) == ("ended", "exit", 3, True)
    assert (over["number"], over["runner"], over["containment"]) == (1, "here", "group")


def test_an_attempt_shows_its_lease_as_it_was_raised_and_until_when_it_lasts(yard, client) -> None:
    leased, plain = yard.assigned(lost_after=5.0), yard.assigned()

    (shown,) = client.get(f"{JOBS}/{leased.id}/attempts").json()["items"]
    (never,) = client.get(f"{JOBS}/{plain.id}/attempts").json()["items"]

    assert (shown["lease"], never["lease"], never["lease_until"]) == (126, None, None)
    assert shown["lease_until"] > shown["claimed_at"]
    asked = client.get(f"{JOBS}/{leased.id}").json()
    assert (asked["lost_after"], asked["replace"]) == (5.0, "after_lease")


def test_an_assigned_attempt_is_armed_before_it_runs(yard, client) -> None:
    job = yard.assigned()

    (attempt,) = client.get(f"{JOBS}/{job.id}/attempts").json()["items"]

    assert (attempt["state"], attempt["started_at"]) == ("armed", None)


def test_pages_hold_every_job_once_newest_first(yard, client) -> None:
    submitted = [yard.submit().id for _ in range(5)]
    seen, address = [], f"{JOBS}?limit=2&state=queued"
    while address:
        page = client.get(address)
        seen.append([item["id"] for item in page.json()["items"]])
        address = page.links.get("next", {}).get("url")
        assert (page.json()["next_cursor"] is None) == (address is None)

    assert [len(page) for page in seen] == [2, 2, 1]
    assert [job_id for page in seen for job_id in page] == submitted[::-1]


def test_jobs_are_found_by_state_and_by_a_part_of_their_id(yard, client) -> None:
    waiting, cancelled = yard.submit(), yard.submit()
    yard.cancel(cancelled.id)

    def found(query: str) -> list[str]:
        return [item["id"] for item in client.get(f"{JOBS}?{query}").json()["items"]]

    assert found("state=queued") == [waiting.id]
    assert found("state=queued&state=cancelled") == [cancelled.id, waiting.id]
    assert found(f"id_part={cancelled.id[-8:].upper()}") == [cancelled.id]


@pytest.mark.parametrize("job_id", [a_job_id(), "nothing", "1" * 400, "%00", "..", "{job_id}"])
@pytest.mark.parametrize("address", ["{}", "{}/attempts", "{}/log", "{}/log/stream"])
def test_what_is_no_job_is_not_found(client, job_id, address) -> None:
    answer = client.get(f"{JOBS}/{address.format(job_id)}")

    assert answer.status_code == 404
    assert answer.json()["type"] in {"urn:runyard:problem:job-not-found", "urn:runyard:problem:no-such-route"}


def test_an_id_in_capitals_is_the_same_id(yard, client) -> None:
    job = yard.submit()

    assert client.get(f"{JOBS}/{job.id.upper()}").json()["id"] == job.id


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("state=asleep", "state"),
        ("cursor=", "cursor"),
        ("cursor=garbage", "cursor"),
        ("cursor=AaH4ijqFcnyfB_j8TvPBWa3QNQXvPR", "cursor"),
        ("cursor=%ff%00", "cursor"),
        ("cursor=" + "A" * 3000, "cursor"),
        ("id_part=", "id_part"),
        ("id_part=%25", "id_part"),
        ("limt=5", "limt"),
    ],
)
def test_a_parameter_that_cannot_be_understood_is_named(client, query, named) -> None:
    answer = client.get(f"{JOBS}?{query}")

    assert answer.status_code == 400
    assert {error["parameter"] for error in answer.json()["errors"]} == {named}


@pytest.mark.parametrize(
    "address", ["/livez", "/version", JOBS + "/x", JOBS + "/x/attempts", JOBS + "/x/log", JOBS + "/x/log/stream"]
)
def test_an_unknown_parameter_is_refused_everywhere(client, address) -> None:
    answer = client.get(f"{address}?colour=red")

    assert answer.status_code == 400
    assert "unknown parameter; " in answer.json()["detail"]


def test_an_unknown_parameter_is_told_the_known_ones(client) -> None:
    detail = client.get(f"{JOBS}?limt=5").json()["detail"]

    known = "created_after, created_before, cursor, id_part, label, limit, name, owner, project, queue, state"
    assert detail == f"limt: unknown parameter; known are {known}"


def test_a_waiting_job_is_cancelled_at_once_and_again_without_effect(yard, client) -> None:
    job = yard.submit()

    first = client.post(f"{JOBS}/{job.id}/cancel")
    second = client.post(f"{JOBS}/{job.id}/cancel")

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert (first.json()["state"], first.json()["cancel_requested"]) == ("cancelled", True)


def test_a_running_job_is_flagged_for_cancelling(yard, client) -> None:
    job = yard.assigned()
    yard.report(Started(job.ref, "group"), fence=job.fence)

    shown = client.post(f"{JOBS}/{job.id}/cancel").json()

    assert (shown["state"], shown["cancel_requested"]) == ("running", True)


def test_cancelling_no_job_is_not_found(client) -> None:
    assert client.post(f"{JOBS}/{a_job_id()}/cancel").status_code == 404


def test_the_log_of_a_job_that_never_ran_is_empty(yard, client) -> None:
    answer = client.get(f"{JOBS}/{yard.submit().id}/log")

    assert (answer.status_code, answer.content) == (200, b"")


def test_head_answers_as_get_does_without_a_body(yard, client) -> None:
    job = yard.assigned()
    yard.append(output(job, 0), fence=job.fence)
    for address in (JOBS, f"{JOBS}/{job.id}", f"{JOBS}/{job.id}/log", "/livez", "/schema/openapi.json"):
        get, head = client.get(address), client.head(address)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-type"] == get.headers["content-type"]
        assert head.headers.get("content-length") == get.headers.get("content-length")
    assert client.head("/nowhere").status_code == 404


KEYED = {"command": "true", "concurrency": {"key": "nightly"}}


def test_a_job_in_line_says_where_it_stands_and_for_whom_it_waits(client) -> None:
    first, second = (client.post(JOBS, json=KEYED).json() for _ in range(2))

    assert first["concurrency"] == {"key": "nightly", "limit": 1, "on_conflict": "queue", "max_waiting": 10000}
    assert (first["state"], first["in_line"]) == ("queued", None)
    assert (second["state"], second["reason"]) == ("pending", "key_busy")
    assert second["in_line"] == {"position": 1, "waiting": 1, "held_by": [first["id"]]}
    assert second["message"] == f"the key 'nightly' is held by job {first['id']}; this job is 1 of 1 in line"
    assert client.get(f"{JOBS}/{second['id']}").json()["in_line"] == second["in_line"]
    assert [job["in_line"] for job in client.get(JOBS).json()["items"]] == [second["in_line"], None]


def test_a_busy_key_is_a_conflict_that_names_the_holder(client) -> None:
    first = client.post(JOBS, json=KEYED).json()

    refused = client.post(JOBS, json={"command": "true", "concurrency": {"key": "nightly", "on_conflict": "reject"}})

    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (409, "urn:runyard:problem:key-busy")
    assert problem["holders"] == [first["id"]]
    assert first["id"] in problem["detail"]


def test_a_full_line_is_a_conflict_that_names_the_limit(client) -> None:
    bounded = {"command": "true", "concurrency": {"key": "nightly", "max_waiting": 0}}
    client.post(JOBS, json=bounded)

    refused = client.post(JOBS, json=bounded)

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:runyard:problem:key-line-full")
    assert "0 jobs wait for the key 'nightly' already, and no more may" in refused.json()["detail"]


def test_the_view_of_a_job_with_a_key_can_be_submitted_again(client) -> None:
    client.post(JOBS, json=KEYED)
    second = client.post(JOBS, json=KEYED).json()

    again = client.post(JOBS, json={name: value for name, value in second.items() if name in JobBody.model_fields})

    assert again.status_code == 201
    assert again.json()["in_line"]["position"] == 2


def test_a_list_leaves_out_what_may_be_large_and_secret_and_the_job_itself_tells_it(client) -> None:
    given = {"command": "x" * 5000, "env": {"TOKEN": "s3cr3t"}, "stdin": "s3cr3t"}
    job_id = client.post(JOBS, json=given).json()["id"]

    answer = client.get(JOBS)

    (shown,) = answer.json()["items"]
    assert "s3cr3t" not in answer.text
    assert (shown["command"], shown["command_cut"]) == ("x" * 4096, True)
    whole = client.get(f"{JOBS}/{job_id}").json()
    assert {name: whole[name] for name in given} == given
    assert "command_cut" not in whole
