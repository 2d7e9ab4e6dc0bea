"""How PostgreSQL goes about what the store asks of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from runyard.adapters.sql import engine as engines
from runyard.adapters.sql.documents import outcome_document, outline_document
from runyard.adapters.sql.engine import Engines
from runyard.adapters.sql.store import SqlStore
from runyard.application.ports.jobs import Change, JobFilter
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.outline import SpecOutline
from runyard.domain.jobs.states import JobState
from runyard.domain.runners.ids import RunnerId
from tests.builders import NOON, a_job_id, a_lane, a_runner_id, a_share, a_spec

pytestmark = pytest.mark.made_up


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
    insert into lane select key, 'admin', queue, null, '{}' from LANES;
    insert into job (id, id_end, queue, lane, priority, retry, on_lost, created_at, eligible_at, rank, state,
                     attempt, finished_at, fence, failures, crashes, version)
    select id, reverse(right(id, 12)), queue, key, 0, '{"max_attempts":1,"on":[],"backoff":{}}', 'retry',
           now(), now(), n, case when n <= 30000 then 'failed' when n <= 30500 then 'running' else 'queued' end,
           case when n <= 30500 then 1 end, case when n <= 30000 then now() end, 1, 0, 0, 0
    from (select n, '01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') as id from generate_series(1, 40000) n) made
    join LANES on queue = 'q' || mod(n, 50);
    insert into attempt (job_id, number, runner_id, claimed_at, ended_at, outcome, log_complete)
    select id, 1, 'r' || mod(rank, 50), created_at, finished_at, case when state = 'failed' then 'AN OUTCOME' end, true
    from job where attempt = 1;
    insert into ready select lane, rank, id from job where state = 'queued';
    insert into job_spec (job_id, spec) select id, 'A SPEC' from job;
    insert into due select created_at + rank * interval '1 second', id from job where state = 'queued';
    analyze
"""


@pytest.fixture
def plans(both: Engines) -> tuple[SqlStore, Plans, Plans]:
    """A store with many jobs, and what its statements do there."""
    with both.write.begin() as connection:
        outcome = str(outcome_document(Outcome(ending=Ending.EXIT, exit_code=1)))
        keys = ", ".join(f"('q{number}', '{a_lane(f'q{number}').key}')" for number in range(50))
        lanes = f"(values {keys}) as lanes (queue, key)"
        many = (
            MANY.replace("LANES", lanes)
            .replace("A SPEC", outline_document(SpecOutline.of(a_spec())))
            .replace("AN OUTCOME", outcome)
        )
        connection.exec_driver_sql(many)
    return SqlStore(both, timedelta), Plans(both.write), Plans(both.read)


def test_claiming_walks_the_index_and_sorts_no_queue(plans):
    store, writing, _ = plans
    with store.begin() as work:
        shares = [a_share(f"q{number}", 10) for number in range(50)]
        jobs = work.jobs.take(shares, 20)
        plan = writing.take()
        work.jobs.save_all([Change(job, job.claimed_by(a_runner_id(), now=NOON)) for job in jobs])
        saving = writing.take()

    assert len(jobs) == 20
    assert "using pk_ready on ready" in plan
    assert re.search(r"Limit .*\n\s+->  Nested Loop", plan), "lanes behind the last one needed are not walked"
    for slow in ("Seq Scan", "Sort", "Hash"):
        assert slow not in plan, plan
    assert "Seq Scan" not in saving, saving


def test_locking_and_waking_use_the_keys(plans):
    store, writing, _ = plans
    with store.begin() as work:
        [job] = work.jobs.lock([work.jobs.take([a_share("q7", 1)], 1)[0].id])
        work.jobs.lock_due(10)
        work.jobs.save_all([Change(job, job.cancelled(now=NOON))])
    plan = writing.take()

    assert "using pk_due on due" in plan
    assert "Seq Scan on" not in plan, plan


def test_lists_and_lanes_walk_indexes(plans):
    store, _, reading = plans
    with store.read() as look:
        assert len(look.jobs.lanes()) == 50  # all of a small table
        reading.take()
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

    for index in ("ix_job_id_end", "ix_attempt_live_on", "pk_job", "ix_job_unfinished"):
        assert index in plan, plan
    assert "Seq Scan on" not in plan, plan
