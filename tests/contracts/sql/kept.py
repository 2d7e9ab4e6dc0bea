"""What the database refuses to do to the audit trail, whoever asks for it."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import IntegrityError

from runyard.adapters.sql.store import SqlStore
from runyard.adapters.sql.tables.audit import AUDIT

from ..audit import NOW, an_entry, found, keep


class KeptContract:
    """For an `engine` and a `store` on the same migrated database."""

    def test_no_entry_is_changed_not_even_an_old_one(self, engine: Engine, store: SqlStore):
        keep(store, an_entry(), an_entry(at=NOW - timedelta(days=400)))
        before = found(store)
        for changed in ({"actor": "eve"}, {"at": NOW - timedelta(days=99)}, {"after": "{}"}):
            with engine.connect() as connection, pytest.raises(IntegrityError, match="never changed"):
                connection.execute(update(AUDIT).values(**changed))

        assert found(store) == before

    def test_no_entry_is_removed_before_its_time(self, engine: Engine, store: SqlStore):
        keep(store, an_entry(), an_entry(at=NOW - timedelta(days=29, hours=23)), an_entry(at=NOW - timedelta(days=31)))
        with engine.connect() as connection, pytest.raises(IntegrityError, match="kept for 30 days"):
            connection.execute(delete(AUDIT))
        with store.begin() as work, pytest.raises(IntegrityError):
            work.audit.forget(NOW, 100)

        assert len(found(store)) == 3

    def test_the_table_is_not_emptied_at_a_stroke(self, engine: Engine, store: SqlStore):
        keep(store, an_entry(at=NOW - timedelta(days=400)))
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                with pytest.raises(IntegrityError, match="never changed"):
                    connection.exec_driver_sql("truncate audit")
            else:
                with pytest.raises(IntegrityError, match="never changed"):
                    connection.exec_driver_sql("update or replace audit set id = id + 1")

        assert len(found(store)) == 1
