"""The supervisor is killed under a running server."""

import os
import signal
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest

from tests.integration.server import Server, arguments_of, processes_with, until

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize(("on_lost", "state", "starts"), [("retry", "succeeded", 2), ("fail", "failed", 1)])
def test_f8_a_killed_supervisor_takes_its_jobs_along_and_their_policy_decides(
    on_lost: Literal["retry", "fail"], state: str, starts: int, server: Server, tmp_path: Path
) -> None:
    server.start()
    mark, witness = f"mark-{uuid4()}", tmp_path / "starts"
    script = (
        f"echo start >> {witness}\n"
        "setsid sleep 600 < /dev/null > /dev/null 2>&1 &\n"
        f"[ $(wc -l < {witness}) -gt 1 ] || sleep 600\n"
    )
    with server.client() as client:
        job = client.submit(script, env={"MARK": mark}, on_lost=on_lost)
        until(lambda: client.get(job.id).state == "running" and witness.exists())
        for pid in _supervisors(server):
            os.kill(pid, signal.SIGKILL)
        done = client.wait(job, timeout=60)

        assert (done.state, done.reason) == (state, None if on_lost == "retry" else "lost")
        assert witness.read_text().count("start") == starts
        until(lambda: processes_with(mark) == [])


def _supervisors(server: Server) -> list[int]:
    """The process that listens in the supervisor's folder: neither server, guard nor job."""
    found = []
    for pid in processes_with(str(server.data_dir / "supervisor")):
        told = arguments_of(pid)
        if b"\0serve\0" in told and b"supd-" in told:
            found.append(pid)
    assert found, "no supervisor runs"
    return found
