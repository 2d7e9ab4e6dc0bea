"""One call, one answer, one kind of error."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from runyard.entrypoints.client.client import connect
from runyard.entrypoints.client.errors import RunyardClientError, ServerUnreachable
from runyard.entrypoints.client.jobs import Job
from runyard.entrypoints.discovery import Discovery, write_discovery

from ..yard_server import TOKEN


def test_a_job_is_submitted_as_asked_and_nothing_else(client, server) -> None:
    job = client.submit(["ls", "-l"], name="look", retry={"max_attempts": 2})

    assert server.submitted == {"command": ["ls", "-l"], "name": "look", "retry": {"max_attempts": 2}}
    assert (job.state, job.name, job.finished) == ("queued", "look", False)
    assert job.created_at == datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_what_says_no_project_is_of_the_one_that_the_environment_names(client, server, monkeypatch) -> None:
    monkeypatch.setenv("RUNYARD_PROJECT", "home")
    client.submit(["true"])
    home = server.submitted["project"]
    client.submit(["true"], project="else")

    assert (home, server.submitted["project"]) == ("home", "else")


def test_a_script_stays_a_string_and_a_moment_becomes_text(client, server) -> None:
    client.submit("echo $HOME", not_before=datetime(2030, 1, 31, tzinfo=UTC))

    assert server.submitted == {"command": "echo $HOME", "not_before": "2030-01-31T00:00:00+00:00"}


def test_fields_of_newer_servers_are_kept_aside(client, server) -> None:
    scripted = server.job(colour="blue", progress={"percent": 4.5, "message": "on", "eta": 7})

    job = client.get(scripted.view["id"])

    assert job.raw["colour"] == "blue"
    assert job.progress is not None
    assert (job.progress.percent, job.progress.message) == (4.5, "on")


def test_attempts_are_values(client, server) -> None:
    (attempt,) = client.attempts(server.job().view["id"])

    assert (attempt.number, attempt.ending, attempt.exit_code, attempt.raw["new"]) == (1, "exit", 0, "x")


def test_a_list_goes_through_all_pages_newest_first(client, server) -> None:
    for _ in range(230):
        server.job()

    found = [job.id for job in client.list()]

    assert found == sorted(server.jobs, reverse=True)
    assert len([path for _, path, _, _ in server.requests if path == "/api/v1/jobs"]) == 3


def test_a_list_stops_where_it_is_told_to(client, server) -> None:
    for state in ("queued", "running", "failed") * 60:
        server.job().view["state"] = state

    assert len(list(client.list(limit=7))) == 7
    assert len(list(client.list(limit=150))) == 150
    assert {job.state for job in client.list(state="failed")} == {"failed"}
    assert {job.state for job in client.list(state=["failed", "running"], limit=9)} == {"failed", "running"}


def test_a_refusal_carries_code_status_and_every_field(client, server) -> None:
    problem = {
        "type": "urn:runyard:problem:invalid-job",
        "detail": "the job is not valid",
        "errors": [{"pointer": "/queue", "detail": "is too long"}],
    }
    server.refusals.append((422, problem))

    with pytest.raises(RunyardClientError) as caught:
        client.submit(["true"])

    assert (caught.value.code, caught.value.status) == ("invalid-job", 422)
    assert caught.value.errors == (("/queue", "is too long"),)
    assert str(caught.value) == "the job is not valid; /queue: is too long"
    assert caught.value.advice


NOT_LET_IN = [(429, "rate-limited"), (429, "too-many-at-once"), (503, "too-many-connections")]


def test_what_a_busy_server_did_not_let_in_is_sent_again(client, server) -> None:
    server.refusals.extend((status, {"type": f"urn:runyard:problem:{code}"}) for status, code in NOT_LET_IN)

    job = client.submit(["true"])

    assert [view["id"] for view in (job.view for job in server.jobs.values())] == [job.id]
    assert len(server.requests) == 4


def test_a_token_that_was_refused_too_often_is_not_sent_again(client, server) -> None:
    server.refusals.append((429, {"type": "urn:runyard:problem:too-many-failed-logins", "detail": "wait"}))

    with pytest.raises(RunyardClientError, match="wait"):
        client.cancel("x")
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [{}, {"errors": None}, ["odd"]])
def test_an_odd_refusal_is_a_refusal_all_the_same(client, server, answer) -> None:
    server.refusals.append((500, answer))

    with pytest.raises(RunyardClientError, match="the server answered 500"):
        client.get("x")


def test_a_wrong_token_is_a_refusal_with_a_way_out(server) -> None:
    with connect(server.url, token="wrong") as client, pytest.raises(RunyardClientError) as caught:
        client.submit(["true"])

    assert caught.value.status == 401
    assert "--token-file" in caught.value.advice


def test_a_server_that_is_away_is_unreachable(client, server) -> None:
    server.kill()

    with pytest.raises(ServerUnreachable, match="no server answers at"):
        client.get("x")


def test_a_submission_whose_connection_breaks_off_is_sent_again_and_is_one_job(client, server) -> None:
    server.cut_submissions = 2

    job = client.submit(["true"])

    sent = [headers["Idempotency-Key"] for method, _, headers, _ in server.requests if method == "POST"]
    assert len(sent) == 3
    assert len(set(sent)) == 1
    assert list(server.jobs) == [job.id]
    assert job.replayed


def test_each_submission_has_a_key_of_its_own_unless_one_is_given(client, server) -> None:
    for key in (None, None, "mine"):
        client.submit(["true"], idempotency_key=key)

    sent = [headers["Idempotency-Key"] for _, _, headers, _ in server.requests]
    assert len(set(sent)) == 3
    assert sent[2] == "mine"


def test_an_interrupted_submission_whose_server_stays_away_says_that_nobody_knows(server) -> None:
    server.on_submit = lambda _: server.kill()

    with (
        connect(server.url, token=TOKEN, patience=0.3) as client,
        pytest.raises(ServerUnreachable, match="not known whether") as raised,
    ):
        client.submit(["true"], idempotency_key="mine")
    assert "under the idempotency key mine" in raised.value.advice


def test_a_submission_that_no_server_took_is_not_sent_again(client, server) -> None:
    server.kill()

    with pytest.raises(ServerUnreachable, match="no server answers") as raised:
        client.submit(["true"])
    assert not raised.value.unsure


def test_the_version_needs_no_token(server) -> None:
    with connect(server.url, token="wrong") as client:
        assert client.server_version() == "9.9.9"


def test_no_proxy_stands_between_a_client_and_its_own_machine(server, monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    with connect(server.url, token=TOKEN) as client:
        assert client.submit(["true"]).id


def test_a_whole_log_is_bytes_as_they_were_written(client, server) -> None:
    job = server.job()
    job.writes(b"out\xff\n")
    job.writes(b"err\n", "stderr")

    assert b"".join(client.logs(job.view["id"])) == b"out\xff\nerr\n"
    assert b"".join(client.logs(job.view["id"], stream="stderr")) == b"err\n"


def test_a_job_says_whether_it_is_over() -> None:
    job = Job(id="a", state="running", created_at=datetime.now(UTC) - timedelta(1))

    assert not job.finished
    assert Job(id="a", state="cancelled", created_at=job.created_at).finished


def test_threads_that_meet_a_moved_server_all_find_it(server, tmp_path) -> None:
    (tmp_path / "token").write_text(TOKEN)

    def announce() -> None:
        file = str(tmp_path / "token")
        write_discovery(Discovery(url=server.url, token_file=file, data_dir=str(tmp_path), pid=1))

    announce()
    job = server.job()
    with connect() as client:
        server.kill()
        server.start()
        announce()
        with ThreadPoolExecutor(20) as threads:
            found = list(threads.map(client.get, [job.view["id"]] * 40))

    assert len(found) == 40


@pytest.mark.parametrize("key", ["größe", "two\nlines", ""])
def test_a_key_that_cannot_be_sent_is_refused_before_anything_is(server, client, key) -> None:
    acts = [lambda: client.submit(["true"], idempotency_key=key), lambda: client.rerun("a", idempotency_key=key)]
    for act in acts:
        with pytest.raises(RunyardClientError, match="no idempotency key"):
            act()

    assert server.requests == []
