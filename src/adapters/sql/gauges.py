"""How things stand, in numbers. Queues are walked along their index, never further than asked."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, text

from ...application.ports.gauges import LaneStanding
from ...domain.jobs.states import JobState
from .arrays import has_arrays
from .columns import KEY, NUMBER
from .reading import SqlJobReading
from .tables.jobs import JOB, READY
from .tables.logs import LOG

_MOST: Final = bindparam("most", type_=NUMBER)
_LINE: Final = select(READY.c.job_id).where(READY.c.queue == bindparam("queue", type_=KEY))
_WAITING: Final = select(func.count()).select_from(_LINE.limit(_MOST).subquery())
_HEADS: Final = _LINE.order_by(READY.c.rank, READY.c.job_id).limit(_MOST).subquery()
_OLDEST: Final = select(func.min(JOB.c.eligible_at, type_=JOB.c.eligible_at.type)).join(
    _HEADS, _HEADS.c.job_id == JOB.c.id
)
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

    def lanes(self, *, most: int, depth: int, heads: int) -> list[LaneStanding]:
        queues = SqlJobReading(self._connection).lanes()[:most]
        return [self._lane(queue, depth, heads) for queue in queues]

    def states(self, depth: int) -> dict[JobState, int]:
        return {JobState(row[0]): row[1] for row in self._connection.execute(_STATES, {"most": depth})}

    def stored_output(self) -> int:
        return int(self._connection.execute(select(func.coalesce(func.sum(LOG.c.stored), 0))).scalar_one())

    def oldest_snapshot(self) -> timedelta | None:
        if not has_arrays(self._connection):
            return None
        return self._connection.execute(_SNAPSHOT).scalar_one() or timedelta()

    def _lane(self, queue: str, depth: int, heads: int) -> LaneStanding:
        waiting = self._connection.execute(_WAITING, {"queue": queue, "most": depth}).scalar_one()
        oldest = self._connection.execute(_OLDEST, {"queue": queue, "most": heads}).scalar_one()
        return LaneStanding(queue, waiting, oldest)
