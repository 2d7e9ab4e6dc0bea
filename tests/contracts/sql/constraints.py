"""What the schema must refuse, whatever a query gets wrong."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Table, insert, update
from sqlalchemy.exc import IntegrityError

from runyard.adapters.sql.rows import attempt_key, attempt_values
from runyard.adapters.sql.store import SqlStore
from runyard.adapters.sql.tables.jobs import ATTEMPT, DUE, JOB, JOB_SPEC, READY
from runyard.adapters.sql.tables.logs import LOG, LOG_CHUNK
from runyard.adapters.sql.tables.runners import RUNNER
from runyard.domain.jobs.states import JobState

from ...builders import NOON, a_job_id, a_new_job, an_attempt
from ..stores import store_all

WRONG_JOBS = {
    "no such state": {"state": "lost"},
    "a final job without its end": {"state": "failed"},
    "an end without a final state": {"finished_at": NOON},
    "a live job without an attempt": {"state": "running", "attempt": None, "fence": 1},
    "a live job without a fence": {"state": "running", "attempt": 1, "fence": 0},
    "a confirmed end of what has not ended": {"end_confirmed": True},
    "no such policy": {"on_lost": "shrug"},
    "a fence below zero": {"fence": -1},
    "a version below zero": {"version": -1},
}
WRONG_ATTEMPTS = {
    "attempt zero": {"number": 0},
    "armed on no boot": {"armed_at": NOON},
    "ended without an outcome": {"ended_at": NOON},
    "of no job": {"job_id": a_job_id()},
}
WRONG_CHUNKS = {"before the start": {"start": -1}, "of no bytes": {"size": 0}, "of no log": {"attempt": 2}}
WRONG_RUNNERS = {
    "slots below zero": {"slots": -1},
    "no such kind": {"kind": "toaster"},
    "half a driver": {"driver_id": "d"},
    "no such state": {"state": "napping"},
    "open until a moment": {"state_until": NOON},
    "paused for ever": {"state": "paused"},
}
A_RUNNER = {
    "id": "r",
    "name": "r",
    "kind": "local",
    "slots": 1,
    "queues": "[]",
    "labels": "{}",
    "revision": 1,
    "state": "open",
}


class ConstraintsContract:
    """For an `engine` and a `store` on the same migrated database."""

    @pytest.mark.parametrize("wrong", WRONG_JOBS.values(), ids=WRONG_JOBS)
    def test_a_job_cannot_be(self, engine: Engine, store: SqlStore, wrong: dict[str, Any]):
        store_all(store, [a_new_job()])
        with engine.begin() as connection, pytest.raises(IntegrityError):
            connection.execute(update(JOB).values(wrong))

    def test_what_a_refusal_says_tells_nothing_of_the_job(self, engine: Engine, store: SqlStore):
        with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
            connection.execute(insert(JOB_SPEC), {"job_id": a_job_id(), "spec": "s3cr3t"})

        assert "s3cr3t" not in str(refused.value)

    @pytest.mark.parametrize("wrong", WRONG_ATTEMPTS.values(), ids=WRONG_ATTEMPTS)
    def test_an_attempt_cannot_be(self, engine: Engine, store: SqlStore, wrong: dict[str, Any]):
        [new] = store_all(store, [a_new_job()])
        row = {**attempt_key(new.job.id, an_attempt()), **attempt_values(an_attempt()), **wrong}

        self.refused(engine, ATTEMPT, row)

    def test_a_job_cannot_have_two_live_attempts(self, engine: Engine, store: SqlStore):
        [new] = store_all(store, [a_new_job(state=JobState.RUNNING)])
        second = an_attempt(number=2)

        self.refused(engine, ATTEMPT, {**attempt_key(new.job.id, second), **attempt_values(second)})

    def test_an_attempt_of_a_number_cannot_be_twice(self, engine: Engine, store: SqlStore):
        [new] = store_all(store, [a_new_job(state=JobState.RUNNING)])

        self.refused(engine, ATTEMPT, {**attempt_key(new.job.id, new.job.current), **attempt_values(new.job.current)})

    def test_a_job_cannot_stand_in_two_places(self, engine: Engine, store: SqlStore):
        [new] = store_all(store, [a_new_job()])
        self.refused(engine, READY, {"lane": "another", "rank": 0, "job_id": new.job.id})

        [held] = store_all(store, [a_new_job(state=JobState.PENDING)])
        self.refused(engine, DUE, {"at": NOON + timedelta(days=1), "job_id": held.job.id})

    def test_a_spec_cannot_be_of_no_job_or_twice(self, engine: Engine, store: SqlStore):
        [new] = store_all(store, [a_new_job()])
        for job_id in (new.job.id, a_job_id()):
            self.refused(engine, JOB_SPEC, {"job_id": job_id, "spec": "{}"})

    def test_a_byte_of_output_cannot_be_stored_twice(self, engine: Engine, store: SqlStore):
        chunk = self.a_log(engine, store)

        self.refused(engine, LOG_CHUNK, chunk)

    @pytest.mark.parametrize("wrong", WRONG_CHUNKS.values(), ids=WRONG_CHUNKS)
    def test_a_chunk_cannot_be(self, engine: Engine, store: SqlStore, wrong: dict[str, Any]):
        chunk = self.a_log(engine, store)

        self.refused(engine, LOG_CHUNK, {**chunk, "start": 1, **wrong})

    @pytest.mark.parametrize("wrong", WRONG_RUNNERS.values(), ids=WRONG_RUNNERS)
    def test_a_runner_cannot_be(self, engine: Engine, store: SqlStore, wrong: dict[str, Any]):
        self.refused(engine, RUNNER, A_RUNNER | wrong)

    def a_log(self, engine: Engine, store: SqlStore) -> dict[str, Any]:
        [new] = store_all(store, [a_new_job(state=JobState.RUNNING)])
        key = {"job_id": new.job.id, "attempt": 1}
        chunk = {**key, "start": 0, "size": 1, "records": b"x"}
        with engine.begin() as connection:
            connection.execute(insert(LOG).values({**key, "stored": 1}))
            connection.execute(insert(LOG_CHUNK).values(chunk))
        return chunk

    def refused(self, engine: Engine, table: Table, row: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(insert(table).values(row))
