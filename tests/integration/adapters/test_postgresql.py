"""PostgreSQL: its schema, its refusals, its plans, its failures."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from runyard.adapters.sql import engine as engines
from runyard.adapters.sql.documents import outcome_document, spec_document
from runyard.adapters.sql.engine import Engines
from runyard.adapters.sql.store import SqlStore, open_store
from runyard.application.ports.jobs import Change, JobFilter, LaneShare
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.states import JobState
from runyard.domain.runners.ids import RunnerId
from tests.builders import NOON, a_job_id, a_new_job, a_runner_id, a_spec
from tests.contracts.sql.constraints import ConstraintsContract
from tests.contracts.sql.migrations import MigrationsContract
from tests.contracts.sql.projections import ProjectionsContract
from tests.contracts.stores import record, save, store_all, stored


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


class TestConstraints(ConstraintsContract):
    @pytest.fixture
    def engine(self, migrated_url: str) -> Iterator[Engine]:
        yield from engine_for(migrated_url)


class TestProjections(ProjectionsContract):
    @pytest.fixture
    def engine(self, migrated_url: str) -> Iterator[Engine]:
        yield from engine_for(migrated_url)


@pytest.fixture
def both(migrated_url: str) -> Iterator[Engines]:
    both = engines.engines(migrated_url, connections=4)
    yield both
    both.close()


class Plans:
    """The plans of the statements that a store runs, as it runs them."""

    def __init__(self, engine: Engine) -> None:
        self.seen: list[str] = []
        event.listen(engine, "before_cursor_execute", self.explain)

    def explain(self, connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if re.match(r"select|with|update|delete", statement, re.IGNORECASE):
            cursor = connection.connection.cursor()
            cursor.execute(f"explain {statement}", parameters)
            self.seen.append("\n".join(row[0] for row in cursor.fetchall()))
            cursor.close()

    def take(self) -> str:
        seen, self.seen = self.seen, []
        return "\n\n".join(seen)


# 30,000 finished jobs, 500 that run on 50 runners, 9,500 that wait in 50 queues.
MANY = """
    insert into job (id, id_end, queue, priority, retry, on_lost, created_at, eligible_at, rank, state,
                     attempt, finished_at, fence, failures, crashes, version)
    select id, reverse(right(id, 12)), 'q' || mod(n, 50), 0, '{"max_attempts":1,"on":[],"backoff":{}}', 'retry',
           now(), now(), n, case when n <= 30000 then 'failed' when n <= 30500 then 'running' else 'queued' end,
           case when n <= 30500 then 1 end, case when n <= 30000 then now() end, 1, 0, 0, 0
    from (select n, '01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') as id from generate_series(1, 40000) n) made;
    insert into attempt (job_id, number, runner_id, claimed_at, ended_at, outcome, log_complete)
    select id, 1, 'r' || mod(rank, 50), created_at, finished_at, case when state = 'failed' then 'AN OUTCOME' end, true
    from job where attempt = 1;
    insert into ready select queue, rank, id from job where state = 'queued';
    insert into job_spec select id, 'A SPEC' from job;
    insert into due select created_at + rank * interval '1 second', id from job where state = 'queued';
    analyze
"""


@pytest.fixture
def plans(both: Engines) -> tuple[SqlStore, Plans, Plans]:
    """A store with many jobs, and what its statements do there."""
    with both.write.begin() as connection:
        outcome = str(outcome_document(Outcome(ending=Ending.EXIT, exit_code=1)))
        many = MANY.replace("A SPEC", spec_document(a_spec())).replace("AN OUTCOME", outcome)
        connection.exec_driver_sql(many)
    return SqlStore(both, timedelta), Plans(both.write), Plans(both.read)


def test_claiming_walks_the_index_and_sorts_no_queue(plans):
    store, writing, _ = plans
    with store.begin() as work:
        shares = [LaneShare(f"q{number}", 10) for number in range(50)]
        jobs = work.jobs.take(shares, 20)
        plan = writing.take()
        work.jobs.save_all([Change(job, job.claimed_by(a_runner_id(), now=NOON)) for job in jobs])
        saving = writing.take()

    assert len(jobs) == 20
    assert "using pk_ready on ready" in plan
    for slow in ("Seq Scan", "Sort", "Hash"):
        assert slow not in plan, plan
    assert "Seq Scan" not in saving, saving


def test_locking_and_waking_use_the_keys(plans):
    store, writing, _ = plans
    with store.begin() as work:
        [job] = work.jobs.lock([work.jobs.take([LaneShare("q7", 1)], 1)[0].id])
        work.jobs.lock_due(10)
        work.jobs.save_all([Change(job, job.cancelled(now=NOON))])
    plan = writing.take()

    assert "using pk_due on due" in plan
    assert "Seq Scan on" not in plan, plan


def test_lists_and_lanes_walk_indexes(plans):
    store, _, reading = plans
    with store.read() as look:
        assert len(look.jobs.lanes()) == 50
        states = frozenset({JobState.RUNNING})
        for which in (
            JobFilter(),
            JobFilter(states=states),
            JobFilter(id_part="00ff"),
            JobFilter(id_part="01900000-0"),
        ):
            look.jobs.page(which, after=None, limit=20)
        look.jobs.page(JobFilter(), after=a_job_id(), limit=20)
        assert len(look.jobs.live_on(RunnerId("r7"))) == 10
    plan = reading.take()

    for index in ("ix_job_id_end", "pk_ready", "ix_attempt_live_on", "pk_job", "ix_job_unfinished"):
        assert index in plan, plan
    assert "Seq Scan on" not in plan, plan


def test_a_claim_and_a_cancel_of_the_same_job_do_not_wait_for_each_other(store: SqlStore):
    """The claim skips what the cancel holds, so there is no ring of waiting."""
    held, free = (stored(store, a_new_job()) for _ in range(2))
    with store.begin() as cancel, store.begin() as claim:
        [locked] = cancel.jobs.lock([held.id])
        assert [job.id for job in claim.jobs.take([LaneShare("default", 9)], 9)] == [free.id]
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
        waiting.wait(5)
        work.jobs.save_all([Change(locked, locked.claimed_by(a_runner_id(), now=NOON))])
        work.commit()
    waiter.join(10)

    [after] = seen
    assert after.attempt is not None
    assert after.attempt.number == 1


def test_live_moves_update_the_row_in_place(both: Engines, store: SqlStore):
    job = stored(store, a_new_job(state=JobState.RUNNING))
    with both.write.begin() as connection:
        connection.exec_driver_sql("select pg_stat_force_next_flush(), pg_stat_reset()")
    for _ in range(10):
        job = record(store, job.id).job
        save(store, Change(job, job.adopted()))
    store.close()
    with both.write.connect() as connection:
        query = "select n_tup_hot_upd, n_tup_upd from pg_stat_user_tables where relname = 'job'"
        assert connection.execute(text(query)).one() == (10, 10)


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
                other.wait(5)
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
    monkeypatch.setattr(engines, "PATIENCE", 0.1)
    store = open_store(migrated_url, connections=1)
    with store.read() as reading:
        reading.runners.names()
        with pytest.raises(StoreUnavailable, match="free"), store.begin():
            pass
    store.close()


def test_a_database_that_is_not_there_is_named(tmp_path: Path):
    store = open_store(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(StoreUnavailable, match="connection"):
        store.ready()


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
