"""What is typed is what is submitted."""

import io
import json
import os
import sys
from pathlib import Path

import pytest


def test_the_id_is_printed_and_nothing_else(runyard, server) -> None:
    said = runyard("submit", "--", "true")

    assert (said.code, said.out, said.err) == (0, f"{next(iter(server.jobs))}\n", "")


@pytest.mark.parametrize(
    "argv",
    [
        ["ls", "-l", "--all"],
        ["prog", "--help"],
        ["prog", "--version", "--json", "-q"],
        ["git", "checkout", "--", "file"],
        ["--name", "x"],
        ["sh", "-c", "echo  '$HOME' \t\n", ""],
        ["@file", "-"],
    ],
)
def test_the_command_behind_the_dashes_stays_as_it_is(runyard, server, argv) -> None:
    assert runyard("submit", "--name", "kept", "--", *argv).code == 0

    assert (server.submitted["command"], server.submitted["name"]) == (argv, "kept")


def test_an_option_of_the_command_without_dashes_is_explained(runyard) -> None:
    said = runyard("submit", "ls", "-l")

    assert said.code == 2
    assert "behind --" in said.err


def test_bytes_that_are_no_text_are_refused_with_what_to_do(runyard, server) -> None:
    said = runyard("submit", "--", "cat", os.fsdecode(b"\xff"))

    assert said.code == 2
    assert said.err == (
        "runyard: what was to be sent is not all text in UTF-8\n"
        "Next: Put such bytes into a file, and have the command read it.\n"
    )
    assert server.requests == []


@pytest.mark.parametrize("time", ["nan", "inf", "1e999", "soon", ""])
def test_a_time_that_is_none_is_refused(runyard, server, time) -> None:
    said = runyard("submit", "--timeout", time, "--", "true")

    assert said.code == 2
    assert "is not a time; write seconds" in said.err
    assert server.requests == []


def test_every_option_has_its_field(runyard, server, monkeypatch) -> None:
    monkeypatch.setenv("COPIED", "from=here")
    options = (
        "--name n --label a=b --label c=d=e --env X=1 --env COPIED --env EMPTY= --queue q --priority high --timeout 90 "
        "--queue-timeout 5m --total-timeout 1h30m --grace 500ms --retries 2 --retry-on exit_code --retry-on timeout "
        "--on-lost fail --crash-limit 5 --lost-after 2d --replace after_confirmed_end "
        "--not-before 2030-01-31T12:00:00Z --log-limit 10M --log-policy kill --cwd / --owner ada "
        "--runner here --require zone=a --require ssd --key k --key-limit 3 --on-conflict reject "
        "--secret A --secret B=db --secret-file F=api"
    )

    assert runyard("submit", *options.split(), "--", "true").code == 0

    assert server.submitted == {
        "command": ["true"],
        "name": "n",
        "labels": {"a": "b", "c": "d=e"},
        "env": {"X": "1", "COPIED": "from=here", "EMPTY": ""},
        "secrets": {"A": "A", "B": "db"},
        "secret_files": {"F": "api"},
        "cwd": "/",
        "owner": "ada",
        "queue": "q",
        "placement": {"runner": "here", "labels": {"zone": "a", "ssd": ""}},
        "priority": "high",
        "run_timeout": 90,
        "queue_timeout": 300,
        "total_timeout": 5400,
        "grace_period": 0.5,
        "retry": {"max_attempts": 3, "on": ["exit_code", "timeout"]},
        "on_lost": "fail",
        "crash_limit": 5,
        "lost_after": 172800,
        "replace": "after_confirmed_end",
        "not_before": "2030-01-31T12:00:00Z",
        "log_limit": {"bytes": 10 << 20, "policy": "kill"},
        "concurrency": {"key": "k", "limit": 3, "on_conflict": "reject"},
    }


def test_terms_of_a_key_without_a_key_are_explained(runyard) -> None:
    said = runyard("submit", "--key-limit", "3", "--", "true")

    assert said.code == 2
    assert "--key" in said.err


def test_only_what_was_asked_is_sent_and_the_folder(runyard, server, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    runyard("submit", "--priority", "-5", "--", "true")

    assert server.submitted == {"command": ["true"], "cwd": str(tmp_path), "priority": -5}


def test_a_script_is_a_string(runyard, server, tmp_path, monkeypatch) -> None:
    (tmp_path / "s.sh").write_text("echo file\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"echo input\n")))

    for given in ("echo text; exit 3", f"@{tmp_path}/s.sh", "-"):
        runyard("submit", "--script", given)

    scripts = [body["command"] for method, _, _, body in server.requests if method == "POST"]
    assert scripts == ["echo text; exit 3", "echo file\n", "echo input\n"]


def test_the_input_comes_from_a_file_or_from_ours(runyard, server, tmp_path, monkeypatch) -> None:
    (tmp_path / "in").write_text("grüße\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"typed\n")))

    runyard("submit", "--stdin", str(tmp_path / "in"), "--", "cat")
    assert server.submitted["stdin"] == "grüße\n"

    runyard("submit", "--stdin", "-", "--", "cat")
    assert server.submitted["stdin"] == "typed\n"


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--script", "x", "--", "y"],
        ["--script", "@/no/such"],
        ["--script", "-", "--stdin", "-"],
        ["--stdin", "/no/such", "--", "x"],
        ["--env", "NO_SUCH_VARIABLE", "--", "x"],
        ["--timeout", "soon", "--", "x"],
        ["--log-limit", "much", "--", "x"],
        ["--priority", "urgent", "--", "x"],
        ["--unknown", "--", "x"],
    ],
)
def test_wrong_usage_says_what_to_do_and_submits_nothing(runyard, server, argv) -> None:
    said = runyard("submit", *argv)

    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith("Next: ")
    assert not server.jobs


def test_input_that_is_no_text_is_refused(runyard, tmp_path) -> None:
    (tmp_path / "in").write_bytes(b"\xff")

    assert "is not UTF-8 text" in runyard("submit", "--stdin", str(tmp_path / "in"), "--", "cat").err


def test_json_is_the_whole_job(runyard, server) -> None:
    said = runyard("submit", "--json", "--", "true")

    assert json.loads(said.out) == {**next(iter(server.jobs.values())).view, "replayed": False}


def test_a_refused_job_names_its_fields(runyard, server) -> None:
    problem = {"detail": "the job is not valid", "errors": [{"pointer": "/queue", "detail": "is too long"}]}
    server.refusals.append((422, problem))

    said = runyard("submit", "--", "true")

    assert said.code == 2
    assert "/queue: is too long" in said.err


def test_a_folder_that_is_gone_is_no_reason_to_guess(runyard, tmp_path, monkeypatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    try:
        assert "give one with --cwd" in runyard("submit", "--", "true").err
    finally:
        os.chdir(Path(__file__).parent)
