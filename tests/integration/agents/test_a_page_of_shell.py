"""`docs/agents.md`: the runner in a page of shell, as it stands there."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runyard.entrypoints.client.fields import PlacementFields
from tests.integration.server import Server, until

pytestmark = pytest.mark.servers

PAGE = Path(__file__).parents[3] / "docs" / "agents.md"


@pytest.fixture
def shell(server: Server, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The runner `shell`, at work."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed, so the page cannot be followed")
    (script,) = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "runner.sh").write_text(script)
    with server.client() as client:
        _, registration = client.runners.add_agent("shell")
    (tmp_path / "ticket").write_text(registration.token)
    given = {"RUNYARD_URL": server.address["url"], "TICKET": str(tmp_path / "ticket"), "DIR": str(tmp_path / "dir")}
    with (tmp_path / "err").open("w") as err:
        process = subprocess.Popen(["/bin/sh", str(tmp_path / "runner.sh")], env=os.environ | given, stderr=err)
        yield process
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def test_a_runner_of_a_page_of_shell_runs_jobs_and_obeys_a_cancel(
    server: Server, shell: subprocess.Popen[bytes]
) -> None:
    with server.client() as client:
        env, place = {"A": "it's"}, PlacementFields(runner="shell")
        first = client.wait(client.submit('echo "$A"; cat; exit 3', env=env, stdin="x'y", placement=place), timeout=60)
        assert (first.state, first.exit_code) == ("failed", 3)
        assert b"".join(client.logs(first)) == b"it's\nx'y"

        long = client.submit("echo begun; sleep 600", placement=place)
        until(lambda: b"".join(client.logs(long)) == b"begun\n")
        client.cancel(long)

        assert client.wait(long, timeout=60).state == "cancelled"
        assert client.wait(client.submit(["true"], placement=place), timeout=60).succeeded
    assert shell.poll() is None
