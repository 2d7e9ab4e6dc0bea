"""Ways to log in: keys and passwords that are kept sealed, and the ssh-agent."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from runyard.adapters.supervised.ssh.hosts import ParamikoHosts
from runyard.domain.runners.ssh import SshLogin
from tests.integration.canaries import files_below
from tests.integration.server import Server, until

from .conftest import MakeHost
from .far_yard import end_supervisors
from .sshd import Sshd

PASSWORD = "correct horse battery"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, host: Sshd) -> Iterator[Server]:
    """One that says all it can say."""
    nowhere = {"RUNYARD_URL": "", "RUNYARD_TOKEN": "", "RUNYARD_TOKEN_FILE": "", "RUNYARD_LOG_LEVEL": "debug"}
    server = Server(tmp_path_factory.mktemp("yard"), "--slots", "1", **nowhere)
    server.start()
    yield server
    server.close()
    end_supervisors(host)


def runyard(server: Server, *argv: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "runyard.entrypoints.cli", *argv],
        env=server.environment | environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def address(host: Sshd) -> list[str]:
    return [f"{host.account.name}@127.0.0.1:{host.port}", "--host-key", f"{host.host_key.type} {host.host_key.data}"]


def leaks(server: Server, canary: str) -> list[str]:
    """Where it can be read: everything the server and its store wrote, and all command lines."""
    places = files_below(server.data_dir.parent)
    places += Path("/proc").glob("[0-9]*/cmdline")
    return [str(path) for path in places if canary.encode() in _read(path)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def online(server: Server, name: str) -> bool:
    with server.client() as client:
        return client.runners.get(name).state == "online"


def test_a_key_that_is_kept_needs_no_file_and_is_to_be_found_nowhere(server: Server, host: Sshd, ground: Path) -> None:
    text = host.client_key.read_text()
    canary = text.splitlines()[3]
    given = ground / "given"
    given.write_text(text)
    added = runyard(server, "runner", "add", "ssh", "kept", *address(host), "--key", str(given), "--store")
    given.unlink()
    assert added.returncode == 0, added.stderr
    until(lambda: online(server, "kept"))

    assert runyard(server, "run", "--runner", "kept", "--", "true").returncode == 0
    rotated = runyard(server, "secret", "rotate-key", "--new-key")
    assert (rotated.returncode, rotated.stdout.split("\t")[1:3]) == (0, ["1", "0"])
    host.cut()
    assert runyard(server, "run", "--runner", "kept", "--", "true").returncode == 0
    assert runyard(server, "runner", "check", "kept").returncode == 0
    shown = runyard(server, "runner", "show", "kept").stdout
    known = subprocess.run(["ssh-keygen", "-lf", str(host.client_key)], capture_output=True, check=True, text=True)
    assert known.stdout.split()[1] in shown
    with server.client() as client:
        answers = repr(client.runners.get("kept").raw)
    assert [what for what in (added.stdout, added.stderr, shown, answers) if canary in what] == []
    assert leaks(server, canary) == []


def test_a_key_with_a_passphrase_is_refused_with_what_to_do(server: Server, host: Sshd, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "a passphrase", "-f", str(locked)]
    subprocess.run(made, check=True, stdin=subprocess.DEVNULL)
    for more, code in ((["--store"], 2), ([], 5)):
        refused = runyard(server, "runner", "add", "ssh", "locked", *address(host), "--key", str(locked), *more)
        assert (refused.returncode, "passphrase" in refused.stderr, "ssh-agent" in refused.stderr) == (code, True, True)
        assert locked.read_text().splitlines()[3] not in refused.stderr


@pytest.mark.parametrize("kind", ["rsa -b 2048", "ecdsa", "rsa -b 2048 -m PEM"])
def test_keys_of_every_kind_and_form_are_understood(server: Server, host: Sshd, tmp_path: Path, kind: str) -> None:
    key = tmp_path / "key"
    made = ["ssh-keygen", "-q", "-N", "", "-f", str(key), "-t", *kind.split()]
    subprocess.run(made, check=True, stdin=subprocess.DEVNULL)
    with (host.folder / "authorized_keys").open("a") as file:
        file.write(key.with_suffix(".pub").read_text())
    name = kind.replace(" ", "").replace("-", "")
    stored = ["--key", str(key), "--store", "--queue", "none"]
    added = runyard(server, "runner", "add", "ssh", name, *address(host), *stored)

    assert (added.returncode, "ok\tlogin" in added.stdout) == (0, True), added.stderr
    until(lambda: online(server, name))


def test_the_ssh_agent_lets_us_in(host: Sshd, ground: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["ssh-agent", "-s", "-a", str(ground / "agent")]
    started = subprocess.run(asked, capture_output=True, check=True, text=True)
    told = dict(re.findall(r"^(\w+)=([^;]+);", started.stdout, re.MULTILINE))
    try:
        added = os.environ | told
        subprocess.run(["ssh-add", "-q", str(host.client_key)], env=added, check=True, stdin=subprocess.DEVNULL)
        monkeypatch.setenv("SSH_AUTH_SOCK", told["SSH_AUTH_SOCK"])
        seen = ParamikoHosts().look_over(host.target(login=SshLogin(agent=True)))
    finally:
        os.kill(int(told["SSH_AGENT_PID"]), 15)

    assert seen.cores


def test_f45_a_changed_host_key_keeps_the_runner_offline_and_is_told_by_the_trail(
    server: Server, make_host: MakeHost
) -> None:
    host = make_host()
    before = host.host_key
    by_file = ["--key", str(host.client_key)]
    assert runyard(server, "runner", "add", "ssh", "swapped", *address(host), *by_file).returncode == 0
    until(lambda: online(server, "swapped"))
    host.stop()
    host.cut()
    host.new_host_key()
    host.start()

    def told() -> str:
        entries = json.loads(runyard(server, "audit", "list", "--action", "reach_host", "--json").stdout)
        return "".join(entry["reason"] for entry in entries)

    until(told)
    assert [key.fingerprint in told() for key in (before, host.host_key)] == [True, True]
    assert not online(server, "swapped")
    assert "host_key" in runyard(server, "runner", "check", "swapped").stdout

    pins = [word for key in (before, host.host_key) for word in ("--host-key", f"{key.type} {key.data}")]
    assert runyard(server, "runner", "edit", "swapped", *pins).returncode == 0
    until(lambda: online(server, "swapped"))
    end_supervisors(host)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give an account a password")
def test_a_password_is_taken_only_where_that_is_allowed_and_never_shown(make_host: MakeHost, tmp_path: Path) -> None:
    host = make_host(PasswordAuthentication="yes", PubkeyAuthentication="no")
    said = f"{host.account.name}:{PASSWORD}\n".encode()
    subprocess.run(["chpasswd"], input=said, check=True)
    nowhere: Mapping[str, str] = {"RUNYARD_URL": "", "RUNYARD_TOKEN": "", "RUNYARD_TOKEN_FILE": ""}
    server = Server(tmp_path, "--slots", "1", RUNYARD_LOG_LEVEL="debug", **nowhere)
    server.start()
    try:
        asked = ["runner", "add", "ssh", "by-word", *address(host), "--password"]
        refused = runyard(server, *asked, stdin=PASSWORD + "\n")
        assert (refused.returncode, "RUNYARD_SSH_PASSWORDS" in refused.stderr) == (2, True)

        server.stop()
        server.environment["RUNYARD_SSH_PASSWORDS"] = "true"
        server.start()
        wrong = runyard(server, *asked, stdin="something else\n")
        assert (wrong.returncode, "does not let" in wrong.stderr, "something else" in wrong.stderr) == (5, True, False)
        assert runyard(server, *asked, stdin=PASSWORD + "\n").returncode == 0
        until(lambda: online(server, "by-word"))
        assert runyard(server, "run", "--runner", "by-word", "--", "true").returncode == 0
        shown = runyard(server, "runner", "show", "by-word").stdout
        assert ("kept password" in shown, PASSWORD in shown) == (True, False)
        moved = runyard(server, "runner", "edit", "by-word", "--to", f"{host.account.name}@127.0.0.2:{host.port}")
        assert (moved.returncode, "give the password again" in moved.stderr) == (2, True)
        assert leaks(server, PASSWORD) == []
    finally:
        server.close()
        end_supervisors_by_password(host)


def end_supervisors_by_password(host: Sshd) -> None:
    """The account's own key opens nothing there, so its processes are ended as the account's end does."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid == host.account.uid:
                os.kill(int(path.name), 9)
        except OSError:
            continue
