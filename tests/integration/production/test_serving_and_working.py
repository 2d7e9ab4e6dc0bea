"""Submitted through one, run by another, followed through a third."""

import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import httpx2
import pytest

from tests.integration.installation import Installation
from tests.integration.server import until

pytestmark = pytest.mark.servers


def test_a_job_goes_from_one_server_through_a_worker_to_the_other(installation: Installation) -> None:
    one, two = installation.serve(), installation.serve()
    installation.worker("--local", "--slots", "4")
    with one.client() as here, two.client() as there:
        job = here.submit("echo first; sleep 0.5; echo second; exit 3")

        assert b"".join(there.logs(job.id, follow=True)) == b"first\nsecond\n"
        assert there.wait(job.id, timeout=60).exit_code == 3
        (attempt,) = there.attempts(job.id)
        assert attempt.runner == "here"


def test_a_ring_between_processes_is_quicker_than_any_tick(installation: Installation) -> None:
    server = installation.serve()
    installation.worker("--local", "--slots", "4")
    with server.client() as client:
        client.wait(client.submit(["true"]), timeout=60)
        waits = []
        for _ in range(7):
            time.sleep(0.3)  # until everybody waits again, which nothing tells
            done = client.wait(client.submit(["true"]), timeout=60)
            heard, (attempt,) = datetime.now(UTC), client.attempts(done)
            assert attempt.claimed_at is not None
            assert done.finished_at is not None
            waits.append((attempt.claimed_at - done.created_at + heard - done.finished_at).total_seconds())

    assert median(waits) < 0.8, waits


def test_a_server_without_workers_accepts_and_one_that_comes_later_runs_it(installation: Installation) -> None:
    server = installation.serve()
    with server.client() as client:
        job = client.submit(["true"])
        time.sleep(0.3)  # for somebody to take it, if there were anybody
        assert client.get(job.id).state == "queued"
        installation.worker("--local")
        assert client.wait(job, timeout=60).state == "succeeded"


def test_term_says_not_ready_at_once_answers_on_and_exits_with_zero(installation: Installation) -> None:
    server = installation.serve(RUNYARD_DRAIN="5")
    with server.client() as client:
        assert httpx2.get(f"{server.url}/readyz").status_code == 200

        server.send(signal.SIGTERM)
        until(lambda: httpx2.get(f"{server.url}/readyz").status_code == 503)

        assert client.submit(["true"]).state == "queued"
        assert server.wait() == 0


def test_term_hands_the_runner_over_at_once_and_nothing_is_restarted(
    installation: Installation, tmp_path: Path
) -> None:
    server = installation.serve()
    first = installation.worker("--local", "--slots", "4", RUNYARD_DRIVER_LEASE="60")
    second = installation.worker("--local", "--slots", "4", RUNYARD_DRIVER_LEASE="60")
    with server.client() as client:
        script = f"echo a; until test -e {tmp_path}/go; do sleep 0.1; done; echo b; exit 4"
        jobs = [client.submit(script) for _ in range(3)]
        until(lambda: all(client.get(job.id).state == "running" for job in jobs))

        assert first.end(signal.SIGTERM) == 0
        (tmp_path / "go").touch()
        quick = client.submit(["true"])

        assert client.wait(quick, timeout=30).state == "succeeded"  # long before that lease would have ended
        for job in jobs:
            done = client.wait(job, timeout=60)
            assert (done.exit_code, done.attempt) == (4, 1)
            assert b"".join(client.logs(job)) == b"a\nb\n"
    assert second.runs


def test_what_is_wrong_at_start_is_said_with_what_to_do(installation: Installation) -> None:
    missing = {"RUNYARD_DATABASE_URL": "", "RUNYARD_REDIS_URL": "", "RUNYARD_DRIVER_LEASE": "soon"}
    told = installation.run("worker", **missing)
    assert told.returncode == 2
    assert all(name in told.stderr for name in missing)

    sqlite = installation.run("worker", RUNYARD_DATABASE_URL="sqlite:///x.db")
    assert sqlite.returncode == 2
    assert "runyard up" in sqlite.stderr

    unsafe = installation.run("serve", RUNYARD_ALLOW_UNSAFE_DATABASE="false")
    assert unsafe.returncode == 1
    assert "fsync is off" in unsafe.stderr

    away = installation.run("worker", RUNYARD_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert away.returncode == 1
    assert "RUNYARD_DATABASE_URL" in away.stderr

    elsewhere = str(installation.folder / "elsewhere")
    without_token = installation.run("serve", RUNYARD_DATA_DIR=elsewhere)
    assert without_token.returncode == 1
    assert "runyard migrate" in without_token.stderr


def test_a_name_that_belongs_to_another_machine_is_refused(installation: Installation) -> None:
    installation.worker("--local").end()

    refused = installation.run("worker", "--local", RUNYARD_DATA_DIR=str(installation.folder / "elsewhere"))

    assert refused.returncode == 5
    assert "--name" in refused.stderr


def test_an_embedded_server_keeps_away_from_the_data_of_workers(installation: Installation) -> None:
    installation.worker("--local")

    refused = installation.run("up", "--port", "0", RUNYARD_DATABASE_URL="")

    assert refused.returncode == 5
    assert "another Runyard" in refused.stderr
