"""What the migrations must do on every database."""

import json
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, text

from runyard.adapters.sql.migrations.running import check_revision, migrate, revisions, unmigrate
from runyard.adapters.sql.store import SqlStore
from runyard.adapters.sql.tables.schema import SCHEMA, TABLES
from runyard.application.ports.jobs import JobFilter
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.jobs.outline import SpecOutline

from ...builders import NOON, a_new_job, a_spec
from ..stores import at_once, store_all

POSTGRESQL_SHAPE = """
    select conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
    where connamespace = 'public'::regnamespace
    union all select indexdef from pg_indexes where schemaname = 'public'
    union all select relname || ' ' || coalesce(reloptions::text, '') from pg_class
    where relnamespace = 'public'::regnamespace
    union all select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
        || coalesce(' ' || collation_name, '') || coalesce(' ' || column_default, '')
    from information_schema.columns where table_schema = 'public'
"""
SQLITE_SHAPE = "select sql from sqlite_master where sql is not null"


def shape(connection: Connection) -> list[str]:
    """All a database says about its tables, alembic's own aside."""
    query = POSTGRESQL_SHAPE if connection.dialect.name == "postgresql" else SQLITE_SHAPE
    said = (" ".join(str(line).split()) for line in connection.execute(text(query)).scalars())
    return sorted(_unordered(line) for line in said if "alembic_version" not in line)


def _unordered(line: str) -> str:
    """SQLite keeps the text of `create table`, in which the order of constraints means nothing."""
    return line if " CONSTRAINT " not in line else " ".join(sorted(line.replace(",", " , ").split()))


class MigrationsContract:
    """For an `engine` on an empty database and a `store` on the same one."""

    def test_the_migrations_make_what_the_tables_say(self, engine: Engine):
        with engine.connect() as connection:
            migrate(connection)
            differences = compare_metadata(MigrationContext.configure(connection), SCHEMA)
            migrated = shape(connection)
            connection.rollback()
            unmigrate(connection, "base")
            SCHEMA.create_all(connection)
            created = shape(connection)

        assert differences == []
        assert migrated == created

    def test_every_step_can_be_taken_back_and_again(self, engine: Engine):
        seen: dict[str, list[str]] = {}
        with engine.connect() as connection:
            steps = [step.revision for step in reversed(list(revisions()))]
            for step in steps:
                migrate(connection, step)
                seen[step] = shape(connection)
                connection.rollback()
            for step in [*reversed(steps[:-1]), "base"]:
                unmigrate(connection, step)
                assert shape(connection) == seen.get(step, [])
                connection.rollback()
            migrate(connection)
            assert shape(connection) == seen[steps[-1]]

    def test_runners_survive_becoming_an_entity_and_the_way_back(self, engine: Engine, store: SqlStore):
        driven = "'r', 'r', 'local', 3, '[\"*\"]', '{}', 'd', 4, '2030-01-31 12:00:00.000000+00:00'"
        with engine.connect() as connection:
            migrate(connection, "0002")
            connection.execute(text(f"insert into runner values ({driven})"))  # noqa: S608 - written here
            migrate(connection)
            connection.commit()
            with store.read() as reading:
                [record] = reading.runners.all()
            unmigrate(connection, "0002")
            back = connection.execute(text("select slots, driver_epoch from runner")).one()
            migrate(connection)

        runner = record.runner
        assert (runner.slots, runner.revision, runner.takes_work(NOON), runner.online(NOON)) == (3, 1, True, False)
        assert runner.driver
        assert (runner.driver.epoch, runner.driver.heard_at) == (4, runner.driver.until)
        assert tuple(back) == (3, 4)

    def test_specs_survive_the_parting_of_what_lists_leave_out_and_the_way_back(self, engine: Engine, store: SqlStore):
        given: list[dict[str, Any]] = [
            {"command": "x" * 5000, "env": {"A": "b"}, "stdin": "\0"},
            {"command": ("sh", "-c", "y" * 5000), "stdin": ""},
            {"command": ("true",)},
        ]
        store.migrate()
        new = store_all(store, [a_new_job(a_spec(**each)) for each in given])
        with engine.connect() as connection:
            unmigrate(connection, "0008")
            before = connection.execute(text("select spec from job_spec order by job_id")).scalars().all()
            migrate(connection)
            connection.commit()

        assert [json.loads(each)["stdin"] for each in before] == ["\0", "", None]
        assert [len(json.loads(before[at])["command"][-1]) for at in (1, 2)] == [5000, 4]
        with store.read() as reading:
            found = [reading.jobs.get(each.job.id).spec for each in new]
            outlines = [item.outline for item in reading.jobs.page(JobFilter(), after=None, limit=9).items]
        assert found == [each.spec for each in new]
        assert outlines == [SpecOutline.of(each.spec) for each in reversed(new)]

    def test_a_schema_of_another_version_is_refused_with_advice(self, engine: Engine, store: SqlStore):
        with pytest.raises(StoreUnavailable, match="no schema yet; run `runyard migrate`"):
            store.current()
        store.migrate()
        store.current()
        assert not store.outdated()
        with engine.connect() as connection:
            connection.execute(text("update alembic_version set version_num = '9999'"))
            with pytest.raises(StoreUnavailable, match="9999, which is newer"):
                check_revision(connection)

    def test_processes_that_migrate_at_once_wait_for_each_other(self, engine: Engine, store: SqlStore):
        at_once(4, lambda _: store.migrate())

        with engine.connect() as connection:
            assert {table.name for table in TABLES} <= set(inspect(connection).get_table_names())
