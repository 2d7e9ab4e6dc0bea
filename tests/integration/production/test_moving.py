"""From an embedded server to a production installation and back, with jobs in every state."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.jobs import Job
from tests.integration.installation import Installation
from tests.integration.server import Server, until
from tests.integration.valkey import ValkeyServer
from tests.integration.wellness import assert_database_is_well

pytestmark = pytest.mark.servers

LATER = "2099-01-31T12:00:00Z"


@pytest.fixture
def installation(tmp_path: Path, postgres_url: str, valkey: ValkeyServer) -> Iterator[Installation]:
    """On the data directory that the embedded server has, nothing started and no schema yet."""
    installation = Installation(tmp_path, postgres_url, valkey.url, RUNYARD_DRIVER_LEASE="3")
    yield installation
    installation.close()
    assert_database_is_well(postgres_url)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, "--slots", "2")
    server.start()
    yield server
    if server.process is not None:
        server.kill()
    server.err.close()


def runyard(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command beside the embedded server, with its account."""
    command = [sys.executable, "-m", "runyard.entrypoints.cli", *arguments]
    environment = {name: value for name, value in server.environment.items() if name != "RUNYARD_DATABASE_URL"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@dataclass(frozen=True, slots=True)
class Life:
    """Jobs in every state, and what lets the running one end."""

    done: Job
    running: Job
    waiting: tuple[Job, Job, Job]
    scheduled: Job
    go: Path

    @property
    def script(self) -> str:
        return waiting_for(self.go)


def waiting_for(go: Path) -> str:
    return f"echo one; until test -e {go}; do sleep 0.05; done; echo two"


def lived(yard: Client, go: Path) -> Life:
    done = yard.wait(yard.submit("echo done; exit 3", retry={"max_attempts": 2, "backoff": {"initial": 0.01}}))
    running = yard.submit(waiting_for(go), idempotency_key="k")
    until(lambda: b"".join(yard.logs(running)) == b"one\n")
    yard.queues.pause("night", reason="maintenance")
    queued = yard.submit(["true"], queue="night", env={"TOKEN": "s3cr3t"})
    holder, waiter = (yard.submit(["true"], queue="night", concurrency={"key": "database"}) for _ in range(2))
    return Life(done, running, (queued, holder, waiter), yard.submit(["true"], not_before=LATER), go)


def test_everything_moves_up_and_what_runs_is_adopted(server: Server, installation: Installation, tmp_path: Path):
    file, data = tmp_path / "yard.gz", str(server.data_dir)
    with server.client() as yard:
        life = lived(yard, tmp_path / "go")
        attempts = yard.attempts(life.done)
    refused = runyard(server, "export", str(file), "--data-dir", data)
    assert (refused.returncode, file.exists(), "another Runyard" in refused.stderr) == (5, False, True)
    server.stop()

    counts = exported(server, file)
    assert (counts["job"], counts["runner"], counts["queue_pause"], counts["submission_key"]) == (6, 1, 1, 6)
    assert runyard(server, "export", str(file), "--data-dir", data).returncode == 5
    elsewhere = runyard(server, "import", str(file), "--data-dir", str(tmp_path / "elsewhere"))
    assert elsewhere.returncode == 5
    assert f"job {life.running.id} is running under the supervisor of runner 'local'" in elsewhere.stderr
    imported(installation, file, counts)

    installation.worker("--local", "--name", "local")
    with installation.serve().client() as yard:
        assert yard.attempts(life.done) == attempts
        assert b"".join(yard.logs(life.done, attempt=1)) == b"done\n"
        ends_as_if_nothing_had_been(yard, life)
        refused = installation.run("export", str(tmp_path / "back.gz"))
        assert (refused.returncode, "in use by runyard" in refused.stderr) == (5, True)
        listed = {job.id: job.state for job in yard.list()}
    assert installation.run("check-invariants").returncode == 0
    for process in installation.processes:
        process.end()

    moved_back(server, installation, tmp_path, listed)


def exported(server: Server, file: Path) -> dict[str, int]:
    done = runyard(server, "export", str(file), "--data-dir", str(server.data_dir), "--json")
    assert done.returncode == 0, done.stderr
    counts: dict[str, int] = json.loads(done.stdout)
    return counts


def imported(installation: Installation, file: Path, counts: dict[str, int]) -> None:
    unprepared = installation.run("import", str(file))
    assert (unprepared.returncode, "runyard migrate" in unprepared.stderr) == (1, True)
    installation.migrate()
    done = installation.run("import", str(file), "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, counts), done.stderr
    again = installation.run("import", str(file))
    assert (again.returncode, "not empty" in again.stderr) == (5, True)


def ends_as_if_nothing_had_been(yard: Client, life: Life) -> None:
    life.go.touch()
    assert yard.wait(life.running, timeout=60).state == "succeeded"
    assert b"".join(yard.logs(life.running)) == b"one\ntwo\n"
    assert len(yard.attempts(life.running)) == 1
    assert yard.submit(life.script, idempotency_key="k").id == life.running.id
    assert [yard.get(job.id).state for job in (*life.waiting, life.scheduled)] == [
        *("queued", "queued", "pending", "pending")
    ]
    assert yard.get(life.waiting[0].id).env == {"TOKEN": "s3cr3t"}
    yard.queues.resume("night")
    assert {yard.wait(job, timeout=60).state for job in life.waiting} == {"succeeded"}


def moved_back(server: Server, installation: Installation, folder: Path, listed: dict[str, str]) -> None:
    """The other way, into a new folder, on which an embedded server starts."""
    assert installation.run("export", str(folder / "back.gz")).returncode == 0
    (folder / "again").mkdir()
    again = Server(folder / "again", "--slots", "1")
    done = runyard(server, "import", str(folder / "back.gz"), "--data-dir", str(again.data_dir))
    assert done.returncode == 0, done.stderr
    try:
        again.start()
        with again.client() as yard:
            assert {job.id: job.state for job in yard.list()} == listed
    finally:
        again.close()


def test_what_is_no_archive_is_refused_and_nothing_is_made_of_it(server: Server, tmp_path: Path):
    server.stop()
    (tmp_path / "yard.gz").write_bytes(os.urandom(1000))
    new = tmp_path / "new"

    refused = runyard(server, "import", str(tmp_path / "yard.gz"), "--data-dir", str(new))

    assert (refused.returncode, "cannot be imported" in refused.stderr) == (1, True)
    assert runyard(server, "check-invariants", "--data-dir", str(new)).stdout.startswith("0 jobs")
