"""`docs/ssh.md`: every command of the tutorial, in order, in one shell, beside a `runyard up`, to a real sshd."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.server import Server

from .far_yard import end_supervisors
from .sshd import Sshd

pytestmark = pytest.mark.timeout(300)

PAGE = Path(__file__).parents[2] / "docs" / "ssh.md"


def commands() -> list[str]:
    """What stands after `$` in the blocks of the page."""
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("$ ") for line in lines)
    return [line.removeprefix("$ ") for line in lines]


def on_this_host(command: str, sshd: Sshd) -> str:
    """The page's host is the test's, and somebody who may has put the key there."""
    for said, meant in (
        (r"^ssh-copy-id -i (\S+) me@build1$", rf"cat \1 >> {sshd.folder}/authorized_keys"),
        (r"/etc/ssh/ssh_host_ed25519_key", str(sshd.host_key_file)),
        (r"SHA256:…", sshd.host_key.fingerprint),
        (r"me@build1", f"{sshd.account.name}@127.0.0.1:{sshd.port}"),
    ):
        command = re.sub(said, meant, command)
    return command


def test_every_command_on_the_page_works(tmp_path: Path, host: Sshd) -> None:
    nowhere = {"RUNYARD_URL": "", "RUNYARD_TOKEN": "", "RUNYARD_TOKEN_FILE": ""}
    server = Server(tmp_path, "--slots", "1", **nowhere)
    (tmp_path / ".ssh").mkdir(mode=0o700)
    server.start()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    script = "\n".join(["set -eux", *(on_this_host(command, host) for command in commands())])
    try:
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env={**server.environment, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    finally:
        server.close()
        end_supervisors(host)

    assert done.returncode == 0, done.stderr[-3000:]
    for told in (host.host_key.fingerprint, "Linux ", "working\ndone\n", "ok\tinterpreter\t", "draining"):
        assert told in done.stdout
