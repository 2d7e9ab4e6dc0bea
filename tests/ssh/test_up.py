"""`runyard up` and hosts reached by ssh, from the command line."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.integration.server import Server, until

from .far_yard import end_supervisors
from .sshd import Sshd

PUBLIC = "https://yard.example.org"
Command = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, host: Sshd) -> Iterator[Server]:
    nowhere = {"RUNYARD_URL": "", "RUNYARD_TOKEN": "", "RUNYARD_TOKEN_FILE": "", "RUNYARD_PUBLIC_URL": PUBLIC}
    server = Server(tmp_path_factory.mktemp("yard"), "--slots", "1", **nowhere)
    server.start()
    yield server
    server.close()
    end_supervisors(host)


@pytest.fixture(scope="module")
def runyard(server: Server) -> Command:
    def call(*argv: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "runyard.entrypoints.cli", *argv],
            env=server.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )

    return call


def shown(server: Server, name: str = "far") -> Mapping[str, Any]:
    with server.client() as client:
        return client.runners.get(name).raw


def job_of(server: Server, job_id: str) -> Mapping[str, Any]:
    with server.client() as client:
        return client.get(job_id).raw


def printed(server: Server, job_id: str) -> bytes:
    with server.client() as client:
        return b"".join(client.logs(job_id))


@pytest.fixture(scope="module")
def far(runyard: Command, host: Sshd, server: Server) -> str:
    """A runner on the host, with four slots, online."""
    address = f"{host.account.name}@127.0.0.1:{host.port}"
    options = ["--key", str(host.client_key), "--slots", "4", "--label", "zone=b"]
    unconfirmed = runyard("runner", "add", "ssh", "far", address, *options)
    assert unconfirmed.returncode == 2
    assert f"--host-key {host.host_key.fingerprint}".encode() in unconfirmed.stderr
    added = runyard("runner", "add", "ssh", "far", address, *options, "--host-key", host.host_key.fingerprint)
    assert added.returncode == 0, added.stderr
    assert b"ok\tlogin\t" in added.stdout
    until(lambda: shown(server)["state"] == "online")
    return "far"


def test_a_job_that_may_call_is_told_the_public_address_and_its_token_is_masked(runyard: Command, far: str) -> None:
    asked = runyard("run", "--runner", far, "--access", "own", "--script", 'echo "$RUNYARD_URL $RUNYARD_TOKEN"')

    assert asked.stdout == f"{PUBLIC} [masked]\n".encode(), asked.stderr


def test_a_job_runs_on_the_host_with_its_output_and_its_code(runyard: Command, far: str, host: Sshd) -> None:
    done = runyard("run", "--runner", far, "--script", "id -un; pwd; echo oops >&2; exit 7")

    assert (done.returncode, done.stdout, done.stderr) == (
        7,
        f"{host.account.name}\n{host.account.home}\n".encode(),
        b"oops\n",
    )
    assert json.loads(runyard("job", "show", "@last", "--json").stdout)["runner"] == far


def test_stdin_environment_and_progress_go_there_and_come_back(runyard: Command, far: str, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text("line\nünï")
    script = 'cat; echo "$GREETING"; echo \'{"percent": 40, "message": "half"}\' >> "$RUNYARD_REPORT"'
    done = runyard(*("run", "--runner", far, "--stdin", str(given), "--env", "GREETING=hi ;$x", "--script", script))

    assert done.stdout.decode() == "line\nünïhi ;$x\n"
    assert json.loads(runyard("job", "show", "@last", "--json").stdout)["progress"]["percent"] == 40


def test_a_megabyte_comes_back_as_it_was_written(runyard: Command, far: str) -> None:
    script = "import sys,random; random.seed(1); sys.stdout.buffer.write(random.randbytes(1 << 20))"
    done = runyard("run", "--runner", far, "--", "python3", "-c", script)
    expected = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout

    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(expected).digest()


def test_a_cancel_ends_the_whole_tree_there(runyard: Command, far: str, server: Server) -> None:
    script = "trap '' TERM; setsid sleep 314159 & echo up; sleep 314159"
    job_id = runyard("submit", "--runner", far, "--grace", "1s", "--script", script).stdout.decode().strip()
    until(lambda: printed(server, job_id) == b"up\n")
    runyard("cancel", job_id)
    until(lambda: job_of(server, job_id)["state"] == "cancelled")

    assert job_of(server, job_id)["end_confirmed"] is True
    assert subprocess.run(["pgrep", "-f", "sleep 314159"], capture_output=True, check=False).stdout == b""


def test_a_cordoned_host_gets_nothing_and_explain_says_so(runyard: Command, far: str, server: Server) -> None:
    assert runyard("runner", "cordon", far, "--note", "disk").returncode == 0
    job_id = runyard("submit", "--runner", far, "--", "true").stdout.decode().strip()
    assert b"uncordon far" in runyard("job", "explain", job_id).stdout
    assert runyard("runner", "uncordon", far).returncode == 0

    until(lambda: job_of(server, job_id)["state"] == "succeeded")


def test_a_check_is_shown_and_stored(runyard: Command, far: str, host: Sshd, server: Server) -> None:
    checked = runyard("runner", "check", far)

    assert (checked.returncode, b"ok\thost_key\t" in checked.stdout) == (0, True)
    assert shown(server)["checked"]["fit"] is True
    assert host.host_key.fingerprint.encode() in runyard("runner", "show", far).stdout
    assert b"reached by ssh" in runyard("runner", "check", "local").stderr


def test_a_host_that_moves_is_followed(runyard: Command, far: str, host: Sshd, server: Server) -> None:
    refused = runyard("runner", "edit", far, "--to", f"{host.account.name}@127.0.0.1:1")
    assert refused.returncode == 0, refused.stderr
    until(lambda: shown(server)["trouble"] is not None)
    assert shown(server)["state"] == "offline"
    assert b"cannot be reached" in runyard("job", "explain", _waiting(runyard, far)).stdout

    runyard("runner", "edit", far, "--to", f"{host.account.name}@127.0.0.1:{host.port}")
    until(lambda: shown(server)["state"] == "online")
    assert runyard("run", "--runner", far, "--", "true").returncode == 0


def _waiting(runyard: Command, runner: str) -> str:
    return runyard("submit", "--runner", runner, "--", "true").stdout.decode().strip()


def test_a_host_that_is_away_never_holds_up_another(runyard: Command, far: str, host: Sshd) -> None:
    silent = f"{host.account.name}@192.0.2.1"
    key = f"{host.host_key.type} {host.host_key.data}"
    options = ["--key", str(host.client_key), "--host-key", key, "--queue", "away", "--no-check"]
    assert runyard("runner", "add", "ssh", "away", silent, *options).returncode == 0

    assert runyard("run", "--runner", far, "--timeout", "10", "--", "true").returncode == 0
    assert runyard("runner", "remove", "away").returncode == 0
    assert runyard("runner", "show", "away").returncode == 3


def test_what_cannot_be_added_is_said(runyard: Command, far: str, host: Sshd) -> None:
    at = f"{host.account.name}@127.0.0.1:{host.port}"
    key = ("--key", str(host.client_key))
    pin = ("--host-key", host.host_key.fingerprint)
    for argv, code, said in (
        (("far", at, *key, *pin), 5, b"already a runner called"),
        (("other", "nowhere", *key, *pin), 2, b"write USER@HOST"),
        (("other", at, *pin), 2, b"--key FILE"),
        (("other", at, *key, "--host-key", "SHA256:abc"), 2, b"none of those given"),
        (("other", at, *key, "--host-key", "ssh-ed25519 AAAA"), 2, b"/host_keys/0"),
        (("other", at, "--key", "/nowhere/key", *pin), 5, b"cannot be read"),
        (("other", f"no.such.account@127.0.0.1:{host.port}", *key, *pin), 5, b"does not let"),
        (("other", f"{host.account.name}@127.0.0.1:1", *key, *pin), 6, b"cannot be reached"),
    ):
        done = runyard("runner", "add", "ssh", *argv)
        assert (done.returncode, said in done.stderr) == (code, True), (argv, done.returncode, done.stderr)


def test_a_restarted_server_adopts_what_runs_there(runyard: Command, far: str, server: Server, ground: Path) -> None:
    gate = ground / f"gate-{uuid4()}"
    script = f"echo first; until test -e {gate}; do sleep 0.1; done; echo second"
    job_id = runyard("submit", "--runner", far, "--script", script).stdout.decode().strip()
    until(lambda: printed(server, job_id) == b"first\n")
    server.kill()
    gate.touch()
    server.start()

    until(lambda: job_of(server, job_id)["state"] == "succeeded")
    job = job_of(server, job_id)
    assert (job["attempt"], printed(server, job_id)) == (1, b"first\nsecond\n")
