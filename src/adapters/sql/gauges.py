"""How things stand, in numbers. Queues are walked along their index, never further than asked."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import Connection, and_, bindparam, func, or_, select, text

from ...application.ports.gauges import LaneStanding
from ...domain.jobs.job import Job
from ...domain.jobs.states import JobState
from .arrays import has_arrays
from .columns import BIG, KEY, NUMBER
from .lanes import all_lanes
from .tables.jobs import JOB, READY
from .tables.logs import LOG

_MOST: Final = bindparam("most", type_=NUMBER)
_LINE: Final = select(READY.c.job_id).where(READY.c.lane == bindparam("lane", type_=KEY))
_WAITING: Final = select(func.count()).select_from(_LINE.limit(_MOST).subquery())
_HEADS: Final = _LINE.order_by(READY.c.rank, READY.c.job_id).limit(_MOST).subquery()
_OLDEST: Final = select(func.min(JOB.c.eligible_at, type_=JOB.c.eligible_at.type)).join(
    _HEADS, _HEADS.c.job_id == JOB.c.id
)
_RANK: Final = bindparam("rank", type_=BIG)
_BEFORE: Final = or_(READY.c.rank < _RANK, and_(READY.c.rank == _RANK, READY.c.job_id < bindparam("job_id", type_=KEY)))
_AHEAD: Final = select(func.count()).select_from(_LINE.where(_BEFORE).limit(_MOST).subquery())
_UNFINISHED: Final = select(JOB.c.state).where(JOB.c.finished_at.is_(None)).limit(_MOST).subquery()
_STATES: Final = select(_UNFINISHED.c.state, func.count()).group_by(_UNFINISHED.c.state)
_SNAPSHOT: Final = text(
    "select max(clock_timestamp() - xact_start) from pg_stat_activity "
    "where backend_xmin is not null and pid <> pg_backend_pid()"
)


class SqlGauges:
    """Counts what this connection's transaction sees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lanes(
        self, *, most: int, depth: int, heads: int, projects: AbstractSet[str] | None = None
    ) -> list[LaneStanding]:
        keys: dict[tuple[str, str], list[str]] = {}
        for lane in all_lanes(self._connection):
            if projects is None or lane.project in projects:
                keys.setdefault((lane.project, lane.queue), []).append(lane.key)
        standing = (self._queue(*key, keys[key], depth, heads) for key in sorted(keys))
        return list(islice((each for each in standing if each), most))

    def ahead(self, job: Job, most: int) -> int:
        place = {"lane": job.lane, "rank": job.rank, "job_id": job.id, "most": most}
        return int(self._connection.execute(_AHEAD, place).scalar_one())

    def states(self, depth: int) -> dict[JobState, int]:
        return {JobState(row[0]): row[1] for row in self._connection.execute(_STATES, {"most": depth})}

    def stored_output(self) -> int:
        return int(self._connection.execute(select(func.coalesce(func.sum(LOG.c.stored), 0))).scalar_one())

    def oldest_snapshot(self) -> timedelta | None:
        if not has_arrays(self._connection):
            return None
        return self._connection.execute(_SNAPSHOT).scalar_one() or timedelta()

    def _queue(self, project: str, queue: str, lanes: Sequence[str], depth: int, heads: int) -> LaneStanding | None:
        """How its lanes stand together, or None: nothing waits."""
        waiting, since = 0, list[datetime]()
        for lane in lanes:
            here = {"lane": lane, "most": max(depth - waiting, 1)}
            found: int = self._connection.execute(_WAITING, here).scalar_one()
            if found:
                waiting += found
                since.append(self._connection.execute(_OLDEST, {"lane": lane, "most": heads}).scalar_one())
        return LaneStanding(queue, min(waiting, depth), min(since), project) if since else None
