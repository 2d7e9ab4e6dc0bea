"""PostgreSQL: its schema, its refusals, its plans, its failures."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text

from runyard.adapters.sql import engine as engines
from runyard.adapters.sql.engine import Engines
from runyard.adapters.sql.store import SqlStore, open_store
from runyard.application.ports.jobs import Change
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.jobs.states import JobState
from tests.builders import NOON, a_new_job, a_runner_id, a_share, a_spec
from tests.contracts.sql.constraints import ConstraintsContract
from tests.contracts.sql.judged import JudgedContract
from tests.contracts.sql.kept import KeptContract
from tests.contracts.sql.migrations import MigrationsContract
from tests.contracts.sql.projections import ProjectionsContract
from tests.contracts.sql.summaries import SummariesContract
from tests.contracts.stores import record, save, store_all, stored
from tests.integration.server import until


def engine_for(url: str) -> Iterator[Engine]:
    both = engines.engines(url, connections=2)
    yield both.write
    both.close()


class TestMigrations(MigrationsContract):
    @pytest.fixture
    def engine(self, postgres_url: str) -> Iterator[Engine]:
        yield from engine_for(postgres_url)

    @pytest.fixture
    def store(self, postgres_url: str) -> Iterator[SqlStore]:
        store = open_store(postgres_url)
        yield store
        store.close()


class TestKept(KeptContract):
    @pytest.fixture
    def engine(self, migrated_url: str) -> Iterator[Engine]:
        yield from engine_for(migrated_url)


class TestConstraints(ConstraintsContract):
    @pytest.fixture
    def engine(self, migrated_url: str) -> Iterator[Engine]:
        yield from engine_for(migrated_url)


class TestProjections(ProjectionsContract):
    @pytest.fixture
    def engine(self, migrated_url: str) -> Iterator[Engine]:
        yield from engine_for(migrated_url)


class TestSummaries(SummariesContract):
    @pytest.fixture
    def engine(self, migrated_url: str) -> Iterator[Engine]:
        yield from engine_for(migrated_url)


class TestJudged(JudgedContract):
    pass


@pytest.fixture
def both(migrated_url: str) -> Iterator[Engines]:
    both = engines.engines(migrated_url, connections=4)
    yield both
    both.close()


def test_a_claim_and_a_cancel_of_the_same_job_do_not_wait_for_each_other(store: SqlStore):
    """The claim skips what the cancel holds, so there is no ring of waiting."""
    held, free = (stored(store, a_new_job()) for _ in range(2))
    with store.begin() as cancel, store.begin() as claim:
        [locked] = cancel.jobs.lock([held.id])
        assert [job.id for job in claim.jobs.take([a_share("default", 9)], 9)] == [free.id]
        assert claim.jobs.lock_due(9) == []
        cancel.jobs.save_all([Change(locked, locked.cancelled(now=NOON))])
        cancel.commit()
        claim.commit()

    assert record(store, held.id).job.state is JobState.CANCELLED


def test_who_waited_for_a_lock_sees_the_attempt_that_came_meanwhile(store: SqlStore):
    job = stored(store, a_new_job())
    seen, waiting = [], Event()

    def lock() -> None:
        with store.begin() as work:
            waiting.set()
            seen.extend(work.jobs.lock([job.id]))

    with store.begin() as work:
        [locked] = work.jobs.lock([job.id])
        waiter = Thread(target=lock)
        waiter.start()
        waiting.wait(60)
        work.jobs.save_all([Change(locked, locked.claimed_by(a_runner_id(), now=NOON))])
        work.commit()
    waiter.join(60)

    [after] = seen
    assert after.attempt is not None
    assert after.attempt.number == 1


def counted_updates(both: Engines) -> tuple[int, int]:
    """How many updates of jobs stayed on their page, and how many there were."""
    with both.write.connect() as connection:
        query = "select n_tup_hot_upd, n_tup_upd from pg_stat_user_tables where relname = 'job'"
        in_place, all_of_them = connection.execute(text(query)).one()
    return in_place, all_of_them


def test_live_moves_update_the_row_in_place(both: Engines, store: SqlStore):
    job = stored(store, a_new_job(state=JobState.RUNNING))
    with both.write.begin() as connection:
        connection.exec_driver_sql("select pg_stat_force_next_flush(), pg_stat_reset()")
    for _ in range(10):
        job = record(store, job.id).job
        save(store, Change(job, job.adopted()))
    store.close()
    until(lambda: counted_updates(both)[1] >= 10)  # PostgreSQL counts when the closed connection's process ends
    assert counted_updates(both) == (10, 10)


def test_a_lock_is_waited_for_and_then_named(monkeypatch, migrated_url: str, store: SqlStore):
    monkeypatch.setattr(engines, "PATIENCE", 0.2)
    impatient = open_store(migrated_url)
    job = stored(store, a_new_job())
    with store.begin() as work:
        work.jobs.lock([job.id])
        with pytest.raises(StoreUnavailable, match="lock timeout"), impatient.begin() as second:
            second.jobs.lock([job.id])
        with impatient.read() as reading:
            assert reading.jobs.get(job.id).job == job
    impatient.close()


def test_a_deadlock_is_named(store: SqlStore):
    one, two = (stored(store, a_new_job()) for _ in range(2))
    refused = []

    def cross(first: Any, second: Any, gate: Event, other: Event) -> None:
        try:
            with store.begin() as work:
                work.jobs.lock([first.id])
                gate.set()
                other.wait(60)
                work.jobs.lock([second.id])
        except StoreUnavailable as error:
            refused.append(str(error))

    gates = Event(), Event()
    pair = [Thread(target=cross, args=(one, two, *gates)), Thread(target=cross, args=(two, one, *reversed(gates)))]
    for each in pair:
        each.start()
    for each in pair:
        each.join()
    assert len(refused) == 1
    assert "deadlock" in refused[0]


def test_no_free_connection_is_named(monkeypatch, migrated_url: str):
    monkeypatch.setattr(engines, "_BUSY_SECONDS", 0.1)
    store = open_store(migrated_url, connections=1)
    with store.read() as reading:
        reading.runners.names()
        with pytest.raises(StoreUnavailable, match="in use"), store.begin():
            pass
        with store.begin_steady() as work:  # heartbeats and sweeps do not wait for others
            work.now()
    store.close()


def test_a_database_that_is_not_there_is_named(tmp_path: Path):
    store = open_store(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(StoreUnavailable, match="connection"):
        store.answers()


def test_a_lost_connection_is_named_and_the_next_one_works(both: Engines, store: SqlStore):
    [new] = store_all(store, [a_new_job()])
    others = "from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()"
    kill = text(f"select pg_terminate_backend(pid) {others}")

    def lock_across_the_loss() -> None:
        with store.begin() as work:
            work.jobs.lock([new.job.id])
            with both.write.begin() as connection:
                connection.execute(kill)
            work.jobs.lock([new.job.id])

    with pytest.raises(StoreUnavailable):
        lock_across_the_loss()
    assert record(store, new.job.id).job == new.job


def test_a_reader_cannot_write(both: Engines):
    with both.read.connect() as connection, pytest.raises(Exception, match="read-only"):
        connection.execute(text("create table t (x int)"))


def test_the_clock_is_the_databases_and_tests_may_move_it(migrated_url: str):
    store = open_store(migrated_url, offset=lambda: timedelta(days=1))
    with store.begin() as work:
        ahead = work.now() - datetime.now(UTC)
        assert timedelta(hours=23) < ahead < timedelta(hours=25)
        store_all(store, [a_new_job(a_spec(), state=JobState.PENDING, eligible_at=work.now() - timedelta(minutes=1))])
    with store.begin() as work:
        assert len(work.jobs.lock_due(1)) == 1
    store.close()
