"""Limits through a real server and its commands: jobs themselves witness that no more of them run than may."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from runyard.entrypoints.cli.program import main
from runyard.entrypoints.client.errors import RunyardClientError
from tests.integration.server import Server, until

from .test_concurrency_keys import NEARLY_AT_ONCE, WITNESS, between, seen

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("yard")
    server = Server(folder, "--slots", "4", RUNYARD_OWNER_QUEUED="5", RUNYARD_URL="", RUNYARD_TOKEN="")
    server.start()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _at_home(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME", "RUNYARD_URL", "RUNYARD_TOKEN"):
        monkeypatch.setenv(name, server.environment[name])


def test_jobs_under_a_limit_of_one_run_one_after_the_other_and_say_why_they_wait(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["project", "limit", "default", "--running", "1"]) == 0
    command = [sys.executable, "-c", WITNESS, str(tmp_path), "0.2"]
    time.sleep(1)  # a limit counts everywhere within a second
    with server.client() as client:
        jobs = [client.submit(command) for _ in range(5)]
        until(lambda: seen(tmp_path))
        explained = client.explain(jobs[-1])
        ended = [client.wait(job, timeout=60) for job in jobs]
        waits = between(client, jobs)

    assert {job.state for job in ended} == {"succeeded"}
    assert [what for what, _ in seen(tmp_path)] == ["alone"] * 5
    assert explained.message == "limit of running jobs of project 'default': 1 of 1"
    assert explained.change == (
        "wait for the end of one of them, or raise it: `runyard project limit default --running 2`"
    )
    assert median(waits) < NEARLY_AT_ONCE, f"a wake-up was lost: {waits}"
    capsys.readouterr()
    assert main(["project", "limit", "default", "--running", "usual"]) == 0
    assert "project\trunning\t\t\t0\n" in capsys.readouterr().out


def test_one_job_more_than_may_wait_is_refused_with_an_exit_code_of_its_own(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    later = ["--not-before", "2099-01-01T00:00:00Z"]
    assert [main(["submit", *later, "--", "true"]) for _ in range(6)] == [0, 0, 0, 0, 0, 7]
    assert "limit of queued jobs of owner 'admin' in project 'default': 5 of 5" in capsys.readouterr().err

    assert main(["project", "limit", "default", "--owner", "admin", "--queued", "6"]) == 0
    assert "owner admin\tqueued\t6\t6\t5\n" in capsys.readouterr().out
    with server.client() as client:
        client.submit(["true"], not_before="2099-01-01T00:00:00Z")
        with pytest.raises(RunyardClientError, match="6 of 6") as refused:
            client.submit(["true"])
        assert (refused.value.status, refused.value.code) == (429, "queued-limit-reached")
        assert [answer.error is None for answer in client.submit_many([{"command": ["true"]}] * 2)] == [False, False]
        client.cancel_many(state=["pending"])
