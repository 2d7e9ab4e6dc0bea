"""The server dies at the worst moments; the job does not notice."""

import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.server import Server, until

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize(
    "place",
    [
        "create_jobs.after_commit",
        "assign_jobs.before_commit",
        "assign_jobs.after_commit",
        "execute_jobs.before_start",
        "execute_jobs.after_start",
        "append_output.before_commit",
        "append_output.after_commit",
        "report_outcomes.before_commit",
        "report_outcomes.after_commit",
    ],
)
def test_f4_f5_a_job_runs_once_whatever_the_server_was_doing_when_it_died(
    place: str, server: Server, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    script = f"echo one >> {starts}; echo hello; sleep 0.3; echo again; exit 5"
    server.environment["RUNYARD_FAILPOINTS"] = f"{place}=kill"
    server.start()
    with server.client(patience=0.5) as client:
        try:
            client.submit(script)
        except Exception:  # noqa: BLE001 - the server died before it could answer
            assert place == "create_jobs.after_commit"
    assert _dies(server), place

    del server.environment["RUNYARD_FAILPOINTS"]
    server.start()

    with server.client() as client:
        for job in list(client.list()):
            done = client.wait(job, timeout=30)
            assert done.exit_code == 5
            assert b"".join(client.logs(job)) == b"hello\nagain\n"
        assert len(list(client.list())) == 1
    assert starts.read_text() == "one\n"


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_a_server_that_dies_while_adopting_leaves_it_to_the_next(moment: str, server: Server) -> None:
    server.start()
    with server.client() as client:
        job = client.submit("echo hello; sleep 1; echo again; exit 5")
        until(lambda: client.get(job.id).state == "running")
    server.kill()
    server.environment["RUNYARD_FAILPOINTS"] = f"adopt_runner.{moment}=kill"
    with suppress(AssertionError):  # it may die before it can say where it is
        server.start()
    assert _dies(server)

    del server.environment["RUNYARD_FAILPOINTS"]
    server.start()

    with server.client() as client:
        done = client.wait(job, timeout=30)
        assert (done.exit_code, done.attempt) == (5, 1)
        assert b"".join(client.logs(job)) == b"hello\nagain\n"


def _dies(server: Server) -> bool:
    assert server.process is not None
    end = time.monotonic() + 20
    while server.process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    died = server.process.poll() == -9
    server.kill()
    return died
