"""SQLite: its schema, its refusals, its manners."""

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from runyard.adapters.sql import engine as engines
from runyard.adapters.sql.engine import Engines
from runyard.adapters.sql.store import SqlStore, open_store
from runyard.application.ports.work import StoreUnavailable
from tests.builders import a_new_job
from tests.contracts.sql.constraints import ConstraintsContract
from tests.contracts.sql.judged import JudgedContract
from tests.contracts.sql.kept import KeptContract
from tests.contracts.sql.migrations import MigrationsContract
from tests.contracts.sql.projections import ProjectionsContract
from tests.contracts.sql.summaries import SummariesContract
from tests.contracts.stores import record, store_all


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def both(url: str) -> Iterator[Engines]:
    both = engines.engines(url, connections=2)
    yield both
    both.close()


@pytest.fixture
def engine(both: Engines) -> Engine:
    return both.write


@pytest.fixture
def empty_store(url: str) -> Iterator[SqlStore]:
    store = open_store(url)
    yield store
    store.close()


@pytest.fixture
def store(migrated_file: Path, tmp_path: Path, empty_store: SqlStore) -> SqlStore:
    shutil.copy(migrated_file, tmp_path / "store.db")
    return empty_store


class TestMigrations(MigrationsContract):
    @pytest.fixture
    def store(self, empty_store: SqlStore) -> SqlStore:
        return empty_store


class TestKept(KeptContract):
    pass


class TestConstraints(ConstraintsContract):
    pass


class TestProjections(ProjectionsContract):
    pass


class TestSummaries(SummariesContract):
    pass


class TestJudged(JudgedContract):
    pass


def pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.execute(text(f"PRAGMA {name}")).scalar_one()


def test_a_commit_survives_a_power_cut_and_readers_do_not_wait(both: Engines):
    for each in (both.write, both.read):
        assert pragma(each, "journal_mode") == "wal"
        assert pragma(each, "synchronous") == 2
        assert pragma(each, "foreign_keys") == 1
        assert pragma(each, "journal_size_limit") == 64 << 20


def test_a_reader_cannot_write(both: Engines):
    with both.read.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(text("create table t (x int)"))


def test_a_store_without_a_file_is_refused():
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ValueError, match="file"):
            open_store(url)


def test_a_database_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="mysql"):
        open_store("mysql://localhost/runyard")


def test_a_new_file_is_its_owners_alone_and_an_old_one_stays_as_it_is(tmp_path: Path, empty_store: SqlStore):
    empty_store.migrate()
    files = list(tmp_path.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}

    shared = tmp_path / "shared.db"
    shared.touch()
    shared.chmod(0o640)
    open_store(f"sqlite:///{shared}").close()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o640


def test_a_writer_elsewhere_is_waited_for_and_then_named(monkeypatch, url: str, store: SqlStore):
    monkeypatch.setattr(engines, "PATIENCE", 0.1)
    impatient = open_store(url)
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreUnavailable, match="locked"):
            store_all(impatient, [a_new_job()])
        with impatient.read() as reading:
            assert reading.runners.names() == {}
    finally:
        other.close()
        impatient.close()


def test_a_unit_of_work_within_another_is_refused_instead_of_waiting_for_ever(monkeypatch, url: str, store: SqlStore):
    monkeypatch.setattr(engines, "PATIENCE", 0.1)
    with store.begin(), pytest.raises(StoreUnavailable, match="open"), store.begin():
        pass


def test_a_full_disk_is_named_and_nothing_is_lost(url: str, store: SqlStore):
    [kept] = store_all(store, [a_new_job()])
    pages = pragma(store._engines.write, "page_count")
    pragma(store._engines.write, f"max_page_count = {pages}")

    with pytest.raises(StoreUnavailable, match="full"):
        store_all(store, [a_new_job() for _ in range(2000)])
    assert record(store, kept.job.id).job == kept.job


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    store = open_store(f"sqlite:///{tmp_path / 'missing' / 'store.db'}")
    with pytest.raises(StoreUnavailable, match="unable to open"):
        store.answers()


def test_the_log_that_a_long_reader_made_grow_is_given_back(tmp_path: Path, store: SqlStore):
    log = tmp_path / "store.db-wal"
    with store.read() as reading:
        assert reading.runners.names() == {}
        store_all(store, [a_new_job() for _ in range(3000)])
        store.tidy()
        assert log.stat().st_size > 1 << 20

    store.tidy()
    assert log.stat().st_size == 0
