"""What is found when somebody has been at the database with bare hands."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, update

from runyard.adapters.sql.documents import outcome_document
from runyard.adapters.sql.store import SqlStore
from runyard.adapters.sql.tables.jobs import ATTEMPT, DUE, JOB, JOB_SPEC, LANE, READY
from runyard.adapters.sql.tables.logs import LOG, LOG_CHUNK
from runyard.application.observability.check_invariants import CheckInvariants, CheckInvariantsCommand
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.domain.jobs.states import JobState

from ...builders import NOON, a_job_id, a_new_job, a_runner, an_attempt
from ..stores import store_all

LOST = Outcome(ending=Ending.LOST)
SLIPS: dict[str, tuple[str, Callable[[Connection], Any]]] = {
    "a spec was deleted": ("I1", lambda at: at.execute(delete(JOB_SPEC))),
    "a job left its queue": ("ready", lambda at: at.execute(delete(READY))),
    "a place in another queue": ("ready", lambda at: at.execute(update(READY).values(lane="nowhere"))),
    "a lane that nobody knows": ("ready", lambda at: at.execute(delete(LANE))),
    "a place of no job": (
        "strays",
        lambda at: at.execute(insert(READY).values(lane="a", rank=1, job_id=a_job_id())),
    ),
    "a wake-up of no job": ("strays", lambda at: at.execute(insert(DUE).values(at=NOON, job_id=a_job_id()))),
    "a wake-up of a job that needs none": (
        "due",
        lambda at: at.execute(
            insert(DUE).from_select(["at", "job_id"], JOB.select().with_only_columns(JOB.c.created_at, JOB.c.id))
        ),
    ),
    "a head set back": ("I8", lambda at: at.execute(update(LOG).values(stored=3))),
    "a chunk moved": ("I8", lambda at: at.execute(update(LOG_CHUNK).values(start=1))),
    "a chunk lost": ("I8", lambda at: at.execute(delete(LOG_CHUNK))),
    "a fence set back": ("I3", lambda at: at.execute(update(JOB).values(fence=0, state="queued"))),
    "an attempt ended behind the job's back": (
        "live",
        lambda at: at.execute(update(ATTEMPT).values(ended_at=NOON, outcome=outcome_document(LOST))),
    ),
    "a job renamed its attempt": ("attempts", lambda at: at.execute(update(JOB).values(attempt=7))),
    "an attempt moved to an unknown runner": ("strays", lambda at: at.execute(update(ATTEMPT).values(runner_id="x"))),
}


@pytest.mark.made_up
class JudgedContract:
    """For an `engine` and a `store` on the same migrated database."""

    @pytest.mark.parametrize(("name", "slip"), SLIPS.values(), ids=SLIPS)
    def test_it_is_found_that(self, engine, store: SqlStore, name: str, slip: Callable[[Connection], Any]):
        with store.begin() as work:
            runner = a_runner()
            work.runners.add(runner)
            work.commit()
        attempt = an_attempt(runner_id=runner.id)
        _, running = store_all(store, [a_new_job(), a_new_job(state=JobState.CLAIMED, attempt=attempt)])
        with store.begin() as work:
            work.logs.append([LogChunk(running.job.ref, 0, (LogRecord(Stream.STDOUT, NOON, b"output"),))])
            work.commit()
        check = CheckInvariants(store.read)
        assert check.execute(CheckInvariantsCommand()).hits == ()

        with engine.begin() as connection:
            slip(connection)

        assert name in {hit.invariant for hit in check.execute(CheckInvariantsCommand()).hits}
