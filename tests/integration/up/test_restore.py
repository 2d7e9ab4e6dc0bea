"""A backup taken beside a running server, and what becomes of jobs that went on after it."""

import subprocess
import sys
from pathlib import Path

import pytest

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.errors import RunyardClientError
from runyard.entrypoints.client.jobs import Job
from tests.integration.server import Server, processes_with, until

pytestmark = pytest.mark.servers


def runyard(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runyard.entrypoints.cli", *arguments, "--data-dir", str(server.data_dir)]
    return subprocess.run(command, env=server.environment, capture_output=True, text=True, timeout=60, check=False)


def written(yard: Client, job: Job, text: bytes) -> None:
    until(lambda: b"".join(yard.logs(job)) == text)


def test_f88_a_restored_store_goes_on_from_the_backup(server: Server, tmp_path: Path) -> None:
    backup, first, second, ran = (tmp_path / name for name in ("backup", "first", "second", "ran"))
    mark = f"restore-{tmp_path.name}"
    server.start()
    with server.client() as yard:
        done = yard.wait(yard.submit(["echo", "kept"]))
        for_each = "until test -e {}; do sleep 0.05; done"
        runs = yard.submit(f"echo one; {for_each.format(first)}; echo two; {for_each.format(second)}")
        written(yard, runs, b"one\n")
        yard.queues.pause("night")
        waits = yard.submit(f"echo again >> {ran}; test $(wc -l < {ran}) = 2", queue="night")

        copied = runyard(server, "backup", str(backup))
        assert copied.returncode == 0, copied.stderr
        assert runyard(server, "backup", str(backup)).returncode == 5
        refused = runyard(server, "restore", str(backup))
        assert (refused.returncode, "another Runyard" in refused.stderr) == (5, True)

        yard.queues.resume("night")
        assert yard.wait(waits, timeout=60).exit_code == 1
        unknown = yard.submit(["sleep", "300"], env={"MARK": mark})
        first.touch()
        written(yard, runs, b"one\ntwo\n")
        until(lambda: processes_with(mark))
    server.stop()

    restored = runyard(server, "restore", str(backup))
    assert (restored.returncode, restored.stdout) == (0, "Restored: 2 unfinished jobs, 1 runners\n"), restored.stderr
    server.start()

    with server.client() as yard:
        until(lambda: not processes_with(mark))
        with pytest.raises(RunyardClientError, match="no job has the id"):
            yard.get(unknown.id)
        assert yard.get(waits.id).state == "queued"
        yard.queues.resume("night")
        assert yard.wait(waits, timeout=60).state == "succeeded"
        second.touch()
        assert yard.wait(runs, timeout=60).state == "succeeded"
        (attempt,) = yard.attempts(runs)
        assert (attempt.log_complete, b"".join(yard.logs(runs))) == (False, b"one\n")
        assert b"".join(yard.logs(done)) == b"kept\n"
    assert runyard(server, "check-invariants").returncode == 0
