"""A store of an older version is copied before it is changed."""

import sqlite3
import stat
from pathlib import Path

from sqlalchemy import create_engine

from runyard.adapters.sql.backup import back_up
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
    copy = back_up(engine)

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
