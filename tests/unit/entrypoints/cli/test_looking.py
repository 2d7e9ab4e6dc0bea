"""`ps`, `job show`, `logs`, `cancel`, `version`, and how a job is named."""

import json
import os
import subprocess
import sys
from contextlib import suppress

import pytest

from ..yard_server import TOKEN

FIRST = "0199a000-0000-7000-8000-00000000aaaa"
SECOND = "0199a000-0000-7000-8000-00000000bbbb"


@pytest.fixture
def two(server):
    first = server.job(FIRST, name="alpha", command=["echo", "a b"])
    second = server.job(SECOND, name="beta\x1b[31m", runner="local")
    second.becomes("failed", reason="exit_code", exit_code=3, started_at="2030-01-31T12:00:01Z")
    return first, second


def test_ps_lists_what_has_not_finished(runyard, two) -> None:
    assert [row[:4] for row in runyard("ps").rows] == [[FIRST, "queued", "", "alpha"]]


def test_ps_lists_everything_when_asked_newest_first(runyard, two) -> None:
    rows = runyard("ps", "-a").rows

    assert [row[0] for row in rows] == [SECOND, FIRST]
    assert rows[0] == [
        SECOND,
        "failed",
        "exit_code",
        "beta\\x1b[31m",
        "1",
        "3",
        "local",
        "2030-01-31T12:00:00Z",
        "2030-01-31T12:00:01Z",
        "2030-01-31T12:00:05.250000Z",
        "true",
    ]


def test_ps_lists_one_state(runyard, two) -> None:
    assert runyard("ps", "--state", "failed", "--quiet").out == f"{SECOND}\n"
    assert runyard("ps", "--state", "failed", "--state", "queued", "-q").out == f"{SECOND}\n{FIRST}\n"
    assert runyard("ps", "-a", "--limit", "1", "-q").out == f"{SECOND}\n"


def test_ps_knows_the_states_there_are(runyard) -> None:
    said = runyard("ps", "--state", "sleeping")

    assert said.code == 2
    assert "succeeded" in said.err


def test_json_lists_whole_jobs(runyard, two) -> None:
    assert json.loads(runyard("ps", "-a", "--json").out) == [two[1].view, two[0].view]
    assert json.loads(runyard("ps", "--state", "running", "--json").out) == []


def test_a_terminal_gets_a_table_without_control_characters(two, started) -> None:
    import pty  # noqa: PLC0415 - only here

    ours, theirs = pty.openpty()
    child = started("ps", "-a", "--no-color", stdout=theirs)
    os.close(theirs)
    assert child.wait(60) == 0
    shown = b""
    with suppress(OSError):  # how a terminal says that the other side is closed
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    text = shown.decode()

    assert "STATE" in text
    assert "failed (exit_code)" in text
    assert "\x1b[31m" not in text


@pytest.mark.parametrize("said", [FIRST, FIRST.upper(), "00aaaa", "aaaa"])
def test_a_job_is_known_by_its_id_or_an_end_of_it(runyard, two, said) -> None:
    assert runyard("job", "show", said, "-q").out == f"{FIRST}\n"


@pytest.mark.parametrize(
    ("said", "why"), [("0199a", "not unique"), ("cccc", "no job"), ("../x", "no part of a job's id")]
)
def test_a_job_that_is_not_one_is_not_found(runyard, two, said, why) -> None:
    answer = runyard("job", "show", said)

    assert answer.code == 3
    assert why in answer.err
    assert "Next: " in answer.err


def test_last_is_the_last_one_submitted_from_this_account(runyard) -> None:
    assert runyard("job", "show", "@last").code == 3

    runyard("submit", "--", "true")
    job_id = runyard("submit", "--", "true").out.strip()

    assert runyard("job", "show", "@last", "-q").out.strip() == job_id


def test_show_tells_what_is_known(runyard, two) -> None:
    two[1].view |= {"progress": {"percent": 40, "message": "half"}, "result": {"n": 1}, "labels": {"a": "b"}}

    said = runyard("job", "show", "bbbb")

    facts = {row[0]: row[1:] for row in said.rows}
    assert facts["state"] == ["failed"]
    assert facts["exit code"] == ["3"]
    assert facts["progress"] == ["40 % half"]
    assert facts["labels"] == ["a=b"]
    assert facts["attempt 1"][:4] == ["ended", "", "exit", "0"]


def test_show_as_json_has_the_attempts(runyard, two) -> None:
    shown = json.loads(runyard("job", "show", "aaaa", "--json").out)

    assert shown["id"] == FIRST
    assert shown["attempts"][0]["number"] == 1


def test_logs_are_bytes(runyard, two) -> None:
    two[1].writes(b"\x00\xffout\n")
    two[1].writes(b"err\n", "stderr")

    assert runyard("logs", "bbbb").raw == b"\x00\xffout\nerr\n"
    assert runyard("logs", "bbbb", "--stream", "stderr").raw == b"err\n"


def test_logs_go_on_to_the_end(runyard, two) -> None:
    two[0].writes(b"one\n")
    two[0].writes(b"two\n", "stderr")
    two[0].becomes("succeeded")

    assert runyard("logs", "-f", "aaaa").raw == b"one\ntwo\n"
    assert runyard("logs", "-f", "aaaa", "--stream", "stdout").raw == b"one\n"


def test_followed_logs_as_json_are_a_line_per_event(runyard, two) -> None:
    two[0].writes(b"one\n")
    two[0].writes(b"\xff", "stderr")
    two[0].becomes("succeeded")

    events = [json.loads(line) for line in runyard("logs", "-f", "aaaa", "--json").out.splitlines()]

    assert [event["event"] for event in events] == ["log", "log", "end"]
    assert (events[0]["data"], events[1]["encoding"], events[2]["job"]["id"]) == ("one\n", "base64", FIRST)


def test_several_jobs_are_cancelled_and_what_fails_is_said(runyard, two) -> None:
    said = runyard("cancel", "aaaa", "cccc", "bbbb")

    assert said.code == 3
    assert said.rows == [[FIRST, "cancelled", "cancelled"], [SECOND, "failed", "exit_code"]]
    assert "cccc" in said.err


def test_cancelling_nothing_is_wrong_usage(runyard) -> None:
    assert runyard("cancel").code == 2


def test_a_running_job_is_being_cancelled(runyard, two) -> None:
    two[0].stubborn = True

    assert runyard("cancel", "aaaa").rows == [[FIRST, "queued", "cancelling"]]


def test_the_version_names_both_sides(runyard, server) -> None:
    assert runyard("version").rows == [["client", "0.1.0"], ["server", "9.9.9", server.url]]

    server.kill()
    assert runyard("version").rows == [["client", "0.1.0"]]
    assert json.loads(runyard("version", "--json").out)["server"] is None


@pytest.mark.parametrize(
    ("status", "code"), [(401, 4), (403, 4), (404, 3), (409, 5), (422, 2), (429, 7), (500, 1), (503, 6)]
)
def test_a_refusal_has_its_exit_code_and_a_next_step(runyard, server, status, code) -> None:
    server.refusals.append((status, {"detail": "no"}))

    said = runyard("ps")

    assert said.code == code
    assert said.err.splitlines()[0] == "runyard: no"
    assert said.err.splitlines()[1].startswith("Next: ")


def test_what_a_job_submits_is_the_last_one_there_and_nowhere_else(runyard, account, monkeypatch) -> None:
    mine = runyard("submit", "--", "true").out.strip()
    yesterday = account / "runyard" / f"last-job-of-{SECOND}"
    yesterday.write_text(FIRST)
    os.utime(yesterday, (0, 0))
    monkeypatch.setenv("RUNYARD_JOB_ID", FIRST)
    assert runyard("job", "show", "@last").code == 3
    its = runyard("submit", "--", "true").out.strip()
    assert runyard("job", "show", "@last", "-q").out.strip() == its
    assert not yesterday.exists()
    monkeypatch.delenv("RUNYARD_JOB_ID")

    assert runyard("job", "show", "@last", "-q").out.strip() == mine


def test_a_server_that_is_away_is_code_6(runyard, server) -> None:
    server.kill()

    assert runyard("ps").code == 6


def test_a_reader_that_leaves_is_no_error(server, started) -> None:
    job = server.job(FIRST)
    for _ in range(50):
        job.writes(b"x" * 8000 + b"\n")
    job.becomes("succeeded")

    child = started("logs", "-f", FIRST)
    assert child.stdout is not None
    child.stdout.read(10)
    child.stdout.close()

    assert child.wait(60) == 141
    assert child.stderr is not None
    assert child.stderr.read() == b""


def test_the_token_can_come_from_a_file(runyard, server, tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("RUNYARD_TOKEN")
    (tmp_path / "t").write_text(TOKEN)

    assert runyard("ps").code == 4
    assert runyard("ps", "--token-file", str(tmp_path / "t")).code == 0


def test_a_command_starts_quickly_and_without_the_server() -> None:
    heavy = "litestar pydantic sqlalchemy structlog alembic dramatiq uvicorn".split()  # noqa: SIM905 - readable
    code = f"import sys, runyard.entrypoints.cli.run; print([n for n in {heavy} if n in sys.modules])"

    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
