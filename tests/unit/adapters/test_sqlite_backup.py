"""A store is copied on request, and before a newer version changes it."""

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from runyard.adapters.sql.backup import BackupThere, back_up_before
from runyard.adapters.sql.migrations.running import revisions, unmigrate
from runyard.adapters.sql.store import open_store
from tests.builders import a_new_job
from tests.contracts.stores import store_all


def test_the_copy_is_whole_private_and_named_after_its_schema(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'runyard.db'}")
    store.migrate()
    [new] = store_all(store, [a_new_job()])
    newest = next(iter(revisions())).revision

    engine = create_engine(f"sqlite:///{tmp_path / 'runyard.db'}")
    copy = back_up_before(engine)

    assert copy == tmp_path / f"runyard.db.at-{newest}"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(copy) as connection:
        assert connection.execute("select id from job").fetchall() == [(new.job.id,)]
    engine.dispose()
    store.close()


def test_only_an_older_store_is_copied_when_it_is_brought_up_to_date(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'runyard.db'}")
    store.migrate()
    store.migrate()
    assert list(tmp_path.glob("*.at-*")) == []
    steps = [step.revision for step in revisions()]
    with store._engines.write.connect() as connection:
        unmigrate(connection, steps[1] if len(steps) > 1 else "base")

    store.migrate()

    assert [path.name for path in tmp_path.glob("*.at-*")] == [f"runyard.db.at-{step}" for step in steps[1:2]]
    store.current()
    store.close()


def test_a_copy_on_request_is_one_moment_whoever_writes_meanwhile(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'runyard.db'}")
    store.migrate()
    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(lambda: [store_all(store, [a_new_job(), a_new_job()]) for _ in range(50)])
        store.back_up(tmp_path / "copy")
        writing.result()

    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == ["copy"]
    copy = open_store(f"sqlite:///{tmp_path / 'copy'}")
    copy.sound()
    with copy.read() as reading:
        books = reading.books.books(after=None, limit=1000)
    assert len(books) % 2 == 0
    with pytest.raises(BackupThere, match="is there already"):
        store.back_up(tmp_path / "copy")
    copy.close()
    store.close()
