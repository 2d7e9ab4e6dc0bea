"""The database of the tests is itself tested: real, fresh each time, gone afterwards."""

import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from .postgres import PostgresServer, running_postgres

ROOT = Path(__file__).resolve().parents[2]


def execute(url: str, statement: str) -> list[object]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


def wait_until_gone(pid: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.02)


@pytest.mark.parametrize("attempt", [1, 2])
def test_every_test_gets_an_empty_database(postgres_url: str, attempt: int) -> None:
    tables = execute(postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    execute(postgres_url, f"CREATE TABLE seen_{attempt} (id int)")

    assert tables == []


def test_it_is_postgresql_15_or_newer_in_utf_8_and_utc(postgres_url: str) -> None:
    assert int(str(execute(postgres_url, "SHOW server_version_num")[0])) >= 150000
    assert execute(postgres_url, "SHOW server_encoding") == ["UTF8"]
    assert execute(postgres_url, "SHOW timezone") == ["UTC"]


def test_a_clone_has_what_the_template_was_prepared_with(postgres_server: PostgresServer) -> None:
    prepared = []

    def prepare(url: str) -> None:
        prepared.append(url)
        execute(url, "CREATE TABLE fruit AS SELECT 'apple' AS name")

    for _ in range(2):
        template = postgres_server.template("fruit_template", prepare)
        clone = postgres_server.clone(template)
        assert execute(postgres_server.url(clone), "SELECT name FROM fruit") == ["apple"]
        execute(postgres_server.url(clone), "DELETE FROM fruit")
        postgres_server.drop(clone)

    assert len(prepared) == 1


def test_nothing_is_left_of_a_server_that_stopped() -> None:
    permissions = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in Path(__file__).resolve().parents}

    with running_postgres() as server:
        folder = Path(server.url("x").partition("host=")[2])
        pid = int((folder / "data/postmaster.pid").read_text().splitlines()[0])
        assert Path(f"/proc/{pid}").exists()
        assert Path(f"/proc/{pid}").stat().st_uid != 0, "PostgreSQL must not run as root"

    assert not folder.exists()
    assert not Path(f"/proc/{pid}").exists()
    assert permissions == {folder: stat.S_IMODE(folder.stat().st_mode) for folder in permissions}


KILLED = """
import os, signal
from tests.integration.postgres import running_postgres
with running_postgres() as server:
    folder = server.url("x").partition("host=")[2]
    print(folder, open(folder + "/data/postmaster.pid").readline(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_session_takes_its_server_along() -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True, text=True, check=False)
    folder, pid = killed.stdout.split()

    try:
        wait_until_gone(int(pid), seconds=60)
    finally:
        shutil.rmtree(folder)
