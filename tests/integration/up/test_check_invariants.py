"""`runyard check-invariants`, beside a live server and after it; and what every test here ends with."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.integration.server import Server
from tests.integration.wellness import assert_database_is_well

pytestmark = pytest.mark.servers


def check(server: Server, *options: str) -> subprocess.CompletedProcess[str]:
    argv = ["check-invariants", "--data-dir", str(server.data_dir), *options]
    return subprocess.run(
        [sys.executable, "-m", "runyard.entrypoints.cli", *argv],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_live_server_and_a_stopped_one_keep_the_rules(server: Server):
    server.start()
    with server.client() as yard:
        yard.wait(yard.submit(["echo", "done"]), timeout=60)
        yard.submit(["sleep", "60"])
        yard.submit(["true"], not_before="2040-01-01T00:00:00Z")
        live = check(server, "--json")
        for job in yard.list(state=("queued", "pending", "claimed", "running")):
            yard.cancel(job)
    server.stop()
    stopped = check(server)

    assert live.returncode == 0, live.stdout + live.stderr
    assert json.loads(live.stdout)["jobs"] == 3
    assert stopped.returncode == 0, stopped.stdout + stopped.stderr
    assert stopped.stdout.startswith("3 jobs, ")
    assert stopped.stdout.endswith(" 0 hits\n")


def test_a_row_that_somebody_changed_is_told_with_its_rows(server: Server):
    server.start()
    with server.client() as yard:
        job = yard.submit(["true"], not_before="2040-01-01T00:00:00Z")
    server.stop()
    with closing(sqlite3.connect(server.database)) as connection, connection:
        connection.execute("delete from due")

    found, document = check(server), json.loads(check(server, "--json").stdout)
    with pytest.raises(AssertionError, match="breaks the rules") as judged:
        assert_database_is_well(f"sqlite:///{server.database}")
    with closing(sqlite3.connect(server.database)) as connection, connection:
        connection.execute("insert into due select eligible_at, id from job")

    assert found.returncode == 1
    assert found.stdout.startswith("due: ")
    assert f"job {job.id}: state=pending" in found.stdout
    assert [hit["invariant"] for hit in document["hits"]] == ["due"]
    assert job.id in str(judged.value)


def test_where_there_is_nothing_to_check_it_says_so(server: Server):
    told = check(server)

    assert told.returncode == 3
    assert "no database" in told.stderr
