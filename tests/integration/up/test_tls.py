"""A server that encrypts, found and trusted by the commands of its own account."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.integration.server import Server, until

pytestmark = pytest.mark.servers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Its certificate is for another name, as certificates of servers are."""
    issue(tmp_path, "runyard.example.org")
    server = Server(tmp_path, "--slots", "1", "--tls-cert", str(tmp_path / "cert"), "--tls-key", str(tmp_path / "key"))
    yield server
    server.close()


def issue(folder: Path, name: str) -> None:
    issued = trustme.CA().issue_cert(name)
    (folder / "cert").write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(folder / "key")
    (folder / "key").chmod(0o600)


def runyard(server: Server, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    nowhere = {"RUNYARD_URL": "", "RUNYARD_TOKEN": "", "RUNYARD_TOKEN_FILE": "", "RUNYARD_CA_FILE": ""}
    return subprocess.run(
        [sys.executable, "-m", "runyard.entrypoints.cli", *argv],
        env=server.environment | nowhere | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_commands_of_the_account_need_nothing_and_those_of_others_an_authority(server, tmp_path) -> None:
    server.start()
    url = server.address["url"]
    assert url.startswith("https://127.0.0.1:")

    done = runyard(server, "run", "--", "echo", "hello")
    assert (done.returncode, done.stdout) == (0, "hello\n"), done.stderr
    refused = runyard(server, "ps", "--url", url, RUNYARD_TOKEN="x", RUNYARD_CA_FILE=str(tmp_path / "cert"))
    assert "cannot prove that it is the server: certificate verify failed" in refused.stderr
    assert "--ca-file or RUNYARD_CA_FILE" in refused.stderr

    issue(tmp_path, "new.example.org")
    assert server.process is not None
    server.process.send_signal(signal.SIGHUP)
    until(lambda: "read again" in server.errors())
    assert runyard(server, "ps").returncode == 0


def test_a_certificate_that_cannot_be_used_is_told_at_start(server, tmp_path) -> None:
    (tmp_path / "cert").write_text("none")
    done = runyard(
        server,
        "up",
        "--data-dir",
        str(server.data_dir),
        "--tls-cert",
        str(tmp_path / "cert"),
        "--tls-key",
        str(tmp_path / "key"),
    )

    assert done.returncode == 2
    assert "RUNYARD_TLS_CERT" in done.stderr
    issue(tmp_path, "runyard.example.org")
