"""Finding and locking jobs.

A job is locked by one statement and its attempt read by a second one: after waiting for a lock, PostgreSQL sees the new
row of the job, but would join it with attempts as they were before the wait.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, lateral, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from .arrays import among, has_arrays, listed
from .columns import KEY, MOMENT, NUMBER
from .rows import attempt_of, job_of
from .tables.jobs import ATTEMPT, DUE, JOB, READY

JOB_COLUMNS: Final = tuple(column for column in JOB.c if column.name != "id_end")
CURRENT: Final = and_(ATTEMPT.c.job_id == JOB.c.id, ATTEMPT.c.number == JOB.c.attempt)
"""Joins a job with its current attempt."""


def locked(connection: Connection, ids: Collection[JobId]) -> list[Job]:
    """These jobs, by id."""
    rows = connection.execute(_by_id(arrays=has_arrays(connection)), {"ids": listed(connection, ids)}).all()
    return _with_attempts(connection, rows)


def versions(connection: Connection, ids: Collection[JobId]) -> dict[JobId, int]:
    """How often each of these jobs was saved."""
    query = select(JOB.c.id, JOB.c.version).where(among(JOB.c.id, "ids", arrays=has_arrays(connection)))
    return {JobId(row.id): row.version for row in connection.execute(query, {"ids": listed(connection, ids)})}


def locked_due(connection: Connection, now: datetime, k: int) -> list[Job]:
    """Jobs whose time has come, the longest due first; those that somebody else holds are left out."""
    jobs = _with_attempts(connection, connection.execute(_DUE, {"now": now, "k": k}).all())
    return sorted(jobs, key=lambda job: (job.due_at or now, job.id))


def locked_heads(connection: Connection, lanes: Mapping[str, int], k: int) -> list[Job]:
    """The heads of the queues in the order given; jobs that somebody else holds are left out."""
    if has_arrays(connection):
        shares = {"queues": list(lanes), "mosts": list(lanes.values()), "k": k}
        rows = list(connection.execute(_HEADS, shares).all())
    else:
        rows = []
        for queue, most in lanes.items():
            share = {"queue": queue, "most": min(most, k - len(rows))}
            rows += connection.execute(_HEAD, share).all() if len(rows) < k else []
    position = {queue: place for place, queue in enumerate(lanes)}
    rows.sort(key=lambda row: (position[row.queue], row.rank, row.id))
    return _with_attempts(connection, rows)


def _with_attempts(connection: Connection, rows: Sequence[Row[Any]]) -> list[Job]:
    tried = [row.id for row in rows if row.attempt]
    attempts = {}
    if tried:
        current = connection.execute(_attempts(arrays=has_arrays(connection)), {"ids": listed(connection, tried)})
        attempts = {row.job_id: attempt_of(row) for row in current}
    return [job_of(row, attempts.get(row.id)) for row in rows]


@lru_cache
def _by_id(*, arrays: bool) -> Select[Any]:
    wanted = select(*JOB_COLUMNS).where(among(JOB.c.id, "ids", arrays=arrays))
    return wanted.order_by(JOB.c.id).with_for_update()


@lru_cache
def _attempts(*, arrays: bool) -> Select[Any]:
    return select(ATTEMPT).join(JOB, CURRENT).where(among(JOB.c.id, "ids", arrays=arrays))


def _head(queue: Any, most: Any) -> Select[Any]:
    waiting = select(*JOB_COLUMNS).join(READY, READY.c.job_id == JOB.c.id).where(READY.c.queue == queue)
    # Both rows are locked: whoever moves a job holds its row before the row of its place in the queue.
    return waiting.order_by(READY.c.rank, READY.c.job_id).limit(most).with_for_update(skip_locked=True)


def _heads() -> Select[Any]:
    """Queue after queue, walked only as far as `k` needs."""
    given = func.unnest(bindparam("queues", type_=ARRAY(KEY)), bindparam("mosts", type_=ARRAY(NUMBER)))
    lane = given.table_valued("queue", "most", name="lane").render_derived()
    head = lateral(_head(lane.c.queue, lane.c.most), name="head")
    return select(head).select_from(lane.join(head, true())).limit(bindparam("k"))


_HEAD: Final = _head(bindparam("queue", type_=KEY), bindparam("most", type_=NUMBER))
_HEADS: Final = _heads()
_DUE: Final = (
    select(*JOB_COLUMNS)
    .join(DUE, DUE.c.job_id == JOB.c.id)
    .where(DUE.c.at <= bindparam("now", type_=MOMENT))
    .order_by(DUE.c.at, DUE.c.job_id)
    .limit(bindparam("k", type_=NUMBER))
    .with_for_update(skip_locked=True)
)
