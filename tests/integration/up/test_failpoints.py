"""The server dies at the worst moments; the job does not notice."""

import time
from contextlib import suppress
from pathlib import Path

import pytest

from runyard.entrypoints.client.errors import ServerUnreachable
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
    # It may have died before it could answer; the job is there all the same.
    with server.client(patience=0.5) as client, suppress(ServerUnreachable):
        client.submit(script)
    assert _dies(server), place

    del server.environment["RUNYARD_FAILPOINTS"]
    server.start()

    with server.client() as client:
        for job in list(client.list()):
            done = client.wait(job, timeout=60)
            assert done.exit_code == 5
            assert b"".join(client.logs(job)) == b"hello\nagain\n"
        assert len(list(client.list())) == 1
    assert starts.read_text() == "one\n"


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_a_server_that_dies_while_adopting_leaves_it_to_the_next(moment: str, server: Server, tmp_path: Path) -> None:
    server.start()
    with server.client() as client:
        job = client.submit(f"echo hello; until test -e {tmp_path}/go; do sleep 0.1; done; echo again; exit 5")
        until(lambda: client.get(job.id).state == "running")
    server.kill()
    server.environment["RUNYARD_FAILPOINTS"] = f"adopt_runner.{moment}=kill"
    with suppress(AssertionError):  # it may die before it can say where it is
        server.start()
    assert _dies(server)

    (tmp_path / "go").touch()
    del server.environment["RUNYARD_FAILPOINTS"]
    server.start()

    with server.client() as client:
        done = client.wait(job, timeout=60)
        assert (done.exit_code, done.attempt) == (5, 1)
        assert b"".join(client.logs(job)) == b"hello\nagain\n"


def _dies(server: Server) -> bool:
    assert server.process is not None
    end = time.monotonic() + 60
    while server.process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    died = server.process.poll() == -9
    server.kill()
    return died
