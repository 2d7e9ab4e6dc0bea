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

from ...application.ports.jobs import LaneShare
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from .arrays import among, has_arrays, listed
from .columns import BIG, KEY, MOMENT, NUMBER
from .rows import attempt_of, job_of
from .tables.jobs import ATTEMPT, DUE, JOB, READY

JOB_COLUMNS: Final = tuple(column for column in JOB.c if column.name not in {"id_end", "project", "owner", "parent"})
_LOWEST: Final = -(2**63)
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


def locked_heads(connection: Connection, lanes: Mapping[str, LaneShare], k: int) -> list[Job]:
    """The heads of the lanes in the order given; jobs that somebody else holds are left out."""
    if has_arrays(connection):
        floors = [_floor(share) for share in lanes.values()]
        shares = {"lanes": list(lanes), "floors": floors, "mosts": [share.most for share in lanes.values()], "k": k}
        rows = list(connection.execute(_HEADS, shares).all())
    else:
        rows = []
        for lane, share in lanes.items():
            asked = {"lane": lane, "floor": _floor(share), "most": min(share.most, k - len(rows))}
            rows += connection.execute(_HEAD, asked).all() if len(rows) < k else []
    position = {lane: place for place, lane in enumerate(lanes)}
    rows.sort(key=lambda row: (position[row.lane], row.rank, row.id))
    return _with_attempts(connection, rows)


def _floor(share: LaneShare) -> int:
    return _LOWEST if share.floor is None else share.floor


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


def _head(lane: Any, floor: Any, most: Any) -> Select[Any]:
    here = and_(READY.c.lane == lane, READY.c.rank >= floor)
    waiting = select(*JOB_COLUMNS).join(READY, READY.c.job_id == JOB.c.id).where(here)
    # Both rows are locked: whoever moves a job holds its row before the row of its place in the queue.
    return waiting.order_by(READY.c.rank, READY.c.job_id).limit(most).with_for_update(skip_locked=True)


def _heads() -> Select[Any]:
    """Lane after lane, walked only as far as `k` needs."""
    given = func.unnest(
        bindparam("lanes", type_=ARRAY(KEY)),
        bindparam("floors", type_=ARRAY(BIG)),
        bindparam("mosts", type_=ARRAY(NUMBER)),
    )
    lane = given.table_valued("key", "floor", "most", name="lane").render_derived()
    head = lateral(_head(lane.c.key, lane.c.floor, lane.c.most), name="head")
    return select(head).select_from(lane.join(head, true())).limit(bindparam("k"))


_HEAD: Final = _head(bindparam("lane", type_=KEY), bindparam("floor", type_=BIG), bindparam("most", type_=NUMBER))
_HEADS: Final = _heads()
_DUE: Final = (
    select(*JOB_COLUMNS)
    .join(DUE, DUE.c.job_id == JOB.c.id)
    .where(DUE.c.at <= bindparam("now", type_=MOMENT), JOB.c.ckey.is_(None))
    .order_by(DUE.c.at, DUE.c.job_id)
    .limit(bindparam("k", type_=NUMBER))
    .with_for_update(skip_locked=True)
)
