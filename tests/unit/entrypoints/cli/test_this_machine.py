"""What goes wrong on this machine is said in one line, with what to do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runyard.entrypoints.agent.home import Home
from runyard.entrypoints.agent.settings import AgentSettings
from runyard.entrypoints.cli.printing import in_a_cell
from runyard.entrypoints.cli.saying import plain

from ..yard_server import TOKEN


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["at the end", "at once"])
def test_output_that_cannot_be_written_is_told(server, started, monkeypatch, unbuffered) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with Path("/dev/full").open("wb") as full:
        child = started("version", stdout=full)
        _, said = child.communicate(timeout=60)

    assert child.returncode == 1
    assert said.decode().splitlines() == [
        "runyard: No space left on device",
        "Next: See that it can be read and written, then try again.",
    ]


@pytest.mark.parametrize(
    ("command", "closed", "code", "out", "err"),
    [
        ("ps", "2>&-", 6, "", ""),
        ("ps", ">&-", 6, "", "runyard: no server answers at http://127.0.0.1:9"),
        ("version --quiet", ">&- 2>&-", 0, "", ""),
        ("login", "<&-", 2, "", "runyard: there was nothing to log in with on standard input"),
    ],
)
def test_a_stream_that_is_closed_is_heard_nowhere_else(monkeypatch, command, closed, code, out, err) -> None:
    monkeypatch.setenv("RUNYARD_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("RUNYARD_TOKEN", TOKEN)
    shell = f"exec {sys.executable} -m runyard.entrypoints.cli {command} {closed}"

    said = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=False)

    assert (said.returncode, said.stdout, said.stderr.partition("\n")[0]) == (code, out, err)


def test_a_folder_that_is_none_is_named(runyard, tmp_path) -> None:
    (tmp_path / "file").write_text("")

    said = runyard("agent", "start", "--dir", str(tmp_path / "file"))

    assert (said.code, said.err.splitlines()[0]) == (1, f"runyard: {tmp_path}/file: File exists")


@pytest.mark.parametrize("kept", ["ryj_secret\nryj_another", "ryj_sécret"])
def test_what_cannot_be_a_registration_token_is_refused_and_never_repeated(runyard, server, tmp_path, kept) -> None:
    (tmp_path / "t").write_text(kept)

    said = runyard("agent", "register", "--dir", str(tmp_path / "agent"), "--token-file", str(tmp_path / "t"))

    assert said.code == 2
    assert "is no registration token" in said.err
    assert "cret" not in said.err
    assert server.requests == []


@pytest.mark.parametrize("command", ["status", "stop"])
def test_an_agent_that_cannot_be_asked_about_is_not_called_gone(runyard, tmp_path, command) -> None:
    (tmp_path / "lock").mkdir()  # as good as one of another account: it cannot be opened

    said = runyard("agent", command, "--dir", str(tmp_path))

    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines()[0] == f"runyard: {tmp_path}/lock: Is a directory"


def test_nobody_registers_under_an_agent_that_is_at_work(runyard, server, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RUNYARD_REGISTRATION_TOKEN", TOKEN)
    at_work = Home(tmp_path).made()
    at_work.keep_token("ryr_its_own")
    at_work.lock()

    said = runyard("agent", "register", "--dir", str(tmp_path))

    assert (said.code, f"an agent runs already in {tmp_path}" in said.err) == (5, True)
    assert (server.requests, at_work.token()) == ([], "ryr_its_own")


def test_an_agent_may_start_anywhere_and_finds_its_authorities(runyard, server, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNYARD_REGISTRATION_TOKEN", TOKEN)
    server.refusals.append((201, {"token": "ryr_one", "runner": {"name": "box"}}))

    assert runyard("agent", "register", "--dir", "agent", "--ca-file", "ca.pem").code == 0

    assert AgentSettings.read(tmp_path / "agent", {}).ca_file == str(tmp_path / "ca.pem")


def test_wrong_settings_are_named_and_not_repeated(tmp_path) -> None:
    environment = {"RUNYARD_SLOTS": "hidden", "RUNYARD_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "runyard.entrypoints.cli", "check-invariants"]

    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert said.returncode == 2
    assert "RUNYARD_SLOTS: " in said.stderr
    assert "hidden" not in said.stderr


def test_json_in_a_cell_is_json_whatever_stands_in_it() -> None:
    value = {"note": "größer", "name": "a\x85\U000e0001\tb"}

    assert json.loads(plain(in_a_cell(value))) == value
    assert "größer" in in_a_cell({"note": "größer"})
