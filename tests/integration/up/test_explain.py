"""Asking a real server why a job does not run, from Python and from the shell."""

import json
import subprocess
import sys

import pytest

from tests.integration.server import Server

pytestmark = pytest.mark.servers


def runyard(server: Server, *argv: str) -> list[str]:
    told = subprocess.run(
        [sys.executable, "-m", "runyard.entrypoints.cli", *argv],
        env=server.environment
        | {"RUNYARD_URL": server.address["url"], "RUNYARD_TOKEN_FILE": server.address["token_file"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return told.stdout.splitlines()


def test_why_a_job_does_not_run_is_told(server: Server):
    server.start()
    with server.client() as yard:
        yard.runners.cordon("local", note="moving")
        job = yard.submit(["true"])

        found = yard.explain(job)
        assert (found.state, found.ahead, found.change) == ("queued", 0, "uncordon local")
        assert [(each.runner, each.obstacles[0].code) for each in found.runners] == [("local", "cordoned")]
        assert yard.explain_submission(["true"]).ahead == 1

        line, runner = runyard(server, "job", "explain", job.id)
        assert line.split("\t") == ["job", "queued", "no runner can take it now", "0", "uncordon local"]
        assert runner.split("\t") == ["runner", "local", "cordoned", "it is cordoned"]
        [document] = runyard(server, "submit", "--explain", "--owner", "admin", "--json", "--", "true")
        assert json.loads(document)["ahead"] == 1
        assert [each.id for each in yard.list()] == [job.id]

        yard.runners.uncordon("local")
        yard.wait(job, timeout=60)
        assert yard.explain(job).message.startswith("it has succeeded")
        assert yard.explain_submission(["true"]).runners[0].fits
