"""Processes of jobs that call the server: what their token opens while they run, and that it dies with them."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runyard import RunyardClientError
from runyard.entrypoints.library import connect
from tests.integration.server import Server, until

pytestmark = pytest.mark.servers

RUNYARD = f"{sys.executable} -m runyard.entrypoints.cli"
KEEPS_ITS_TOKEN = 'printf %s "$RUNYARD_TOKEN" > token.new; mv token.new token; while ! test -e go; do sleep 0.1; done'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("yard"), "--slots", "4")
    server.keep_address()
    server.start()
    yield server
    server.close()


def test_a_job_submits_another_waits_for_it_and_its_token_is_in_no_output(server: Server) -> None:
    script = f"""set -e
    {RUNYARD} job show --json "$RUNYARD_JOB_ID" > own.json
    {RUNYARD} run --name child -- echo from the child
    {RUNYARD} ps -a --quiet > seen
    echo "$RUNYARD_TOKEN"
    {sys.executable} -c 'import runyard
with runyard.connect() as yard:
    print(yard.wait(yard.submit(["true"], name="by-library")).state)'"""
    folder = server.data_dir.parent
    with server.client() as yard:
        other = yard.submit(["true"], name="other")
        job = yard.wait(yard.submit(script, access="submit", cwd=str(folder)), timeout=60)
        output = b"".join(yard.logs(job))
        assert (job.state, job.access) == ("succeeded", "submit"), output
        child, library = (next(each for each in yard.list() if each.name == name) for name in ("child", "by-library"))

        assert b"from the child\n" in output
        assert output.endswith(b"[masked]\nsucceeded\n")
        assert (child.parent, child.owner, child.access) == (job.id, job.owner, "none")
        assert library.parent == job.id
    assert json.loads((folder / "own.json").read_text())["id"] == job.id
    assert sorted((folder / "seen").read_text().split()) == sorted([job.id, child.id])
    assert other.id not in (folder / "seen").read_text()


def test_a_token_lives_through_a_restart_and_dies_with_its_attempt(server: Server, tmp_path: Path) -> None:
    with server.client() as admin:
        job = admin.submit(KEEPS_ITS_TOKEN, access="own", cwd=str(tmp_path))
        until((tmp_path / "token").exists)
        other = admin.submit(["true"])
    token = (tmp_path / "token").read_text()
    server.kill()
    server.start()
    with server.client() as admin, connect(server.address["url"], token=token) as inside:
        assert inside.get(job.id).state == "running"
        refusals = [refused(lambda: inside.get(other.id)), refused(lambda: inside.submit(["true"]))]
        (tmp_path / "go").touch()
        admin.wait(job, timeout=60)
        ended = time.monotonic()
        until(lambda: gone(lambda: inside.get(job.id)), seconds=5)

        assert refusals == ["job-not-found", "forbidden"]
        assert time.monotonic() - ended < 5
        with pytest.raises(RunyardClientError, match=r"attempt 1 of job .+ has ended"):
            inside.get(job.id)


def refused(call: object) -> str:
    with pytest.raises(RunyardClientError) as refusal:
        call()  # type: ignore[operator]
    return str(refusal.value.code)


def gone(call: object) -> bool:
    try:
        call()  # type: ignore[operator]
    except RunyardClientError as refusal:
        return refusal.code == "unauthenticated"
    return False
