"""An embedded server is its own account's, without a flag, and nobody else's."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runyard.entrypoints.cli.program import main
from runyard.entrypoints.client.client import connect
from runyard.entrypoints.client.errors import RunyardClientError
from tests.integration.server import Server

NOBODY = 65534


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("yard"), "--slots", "1", RUNYARD_URL="", RUNYARD_TOKEN="")
    server.start()
    yield server
    server.close()


def as_nobody(act: Callable[[], int]) -> int:
    """What it makes of it in a process of another account, which reads none of our files."""
    child = os.fork()
    if child == 0:  # never back into pytest
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os._exit(act())
        except BaseException:  # noqa: BLE001 - whatever it is, it is told
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_call_of_the_same_account_needs_no_flag_and_another_account_is_let_in_nowhere(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME", "RUNYARD_URL", "RUNYARD_TOKEN"):
        monkeypatch.setenv(name, server.environment[name])
    url, token_file = server.address["url"], server.address["token_file"]
    asked = [["ps"], ["ps", "--url", url], ["ps", "--url", url, "--token-file", token_file], ["whoami"]]

    assert [main(argv) for argv in asked] == [0, 0, 0, 0]
    assert [as_nobody(lambda argv=argv: main(argv)) for argv in asked] == [6, 4, 4, 6]  # type: ignore[misc]
    looks = [["check-invariants"], ["backup", "/tmp/nowhere"], ["export", "/tmp/nowhere"]]
    own, nowhere = ["--data-dir", str(server.data_dir)], ["--data-dir", str(server.data_dir / "nowhere")]
    assert [main([*argv, *nowhere]) for argv in looks] == [3, 1, 1]  # and now all that they need is imported
    assert [as_nobody(lambda argv=argv: main([*argv, *own])) for argv in looks] == [4, 1, 1]  # type: ignore[misc]
    assert as_nobody(lambda: int(_readable(Path(token_file)))) == 0
    assert as_nobody(lambda: int(_readable(server.database))) == 0
    assert as_nobody(lambda: _connected(server.data_dir / "supervisor")) == 0
    with pytest.raises(RunyardClientError) as refused:
        next(iter(connect(url, token="ryu_none").list()))
    assert refused.value.status == 401


def _readable(path: Path) -> bool:
    try:
        return bool(path.read_bytes()) or True
    except PermissionError:
        return False


def _connected(folder: Path) -> int:
    """How many sockets below this folder take our call."""
    called = 0
    for here, _, names in os.walk(folder):
        for name in names:
            with socket.socket(socket.AF_UNIX) as call:
                called += call.connect_ex(f"{here}/{name}") == 0
    return called


def test_somebody_logs_in_with_a_token_from_standard_input_works_and_logs_out(server: Server, tmp_path: Path) -> None:
    admin = server.client()
    admin.accounts.create("ada")
    admin.projects.set_role("default", "ada", "submitter")
    token = admin.tokens.create(account="ada").text
    assert token
    elsewhere = {**server.environment, "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path), "XDG_CONFIG_HOME": ""}
    elsewhere |= {"RUNYARD_URL": server.address["url"], "RUNYARD_TOKEN": "", "RUNYARD_TOKEN_FILE": ""}

    def runyard(*argv: str, said: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runyard.entrypoints.cli", *argv]
        return subprocess.run(
            command, env=elsewhere, input=said, capture_output=True, text=True, timeout=60, check=False
        )

    assert runyard("ps").returncode == 4
    assert runyard("login", said=f"{token}\n").returncode == 0
    (kept,) = (tmp_path / ".config/runyard").iterdir()
    assert (kept.stat().st_mode & 0o777, json.loads(kept.read_text())) == (0o600, {server.address["url"]: token})
    assert runyard("whoami").stdout == "ada\n"
    job = json.loads(runyard("submit", "--json", "--", "true").stdout)
    assert job["owner"] == "ada"
    refused = runyard("project", "create", "other")
    assert (refused.returncode, "manage_projects" in refused.stderr) == (4, True)
    elsewhere["RUNYARD_URL"] = ""
    assert runyard("whoami").stdout == "ada\n", "the only server that somebody logged in to is the one that is meant"
    assert "stays good" in runyard("logout").stderr
    assert runyard("ps").returncode == 6
    (tmp_path / "token").write_text(token)
    for argv in (("login", "--url", server.address["url"], "--token-file", str(tmp_path / "token")), ("whoami",)):
        assert runyard(*argv).returncode == 0
    assert runyard("login", "--name", "ada", "--token-file", "x").returncode == 2
    admin.close()
