"""What waits to be claimed: lane by lane along the index, never further than asked."""

from typing import Final

from sqlalchemy import Connection, bindparam, func, literal, select

from ...domain.jobs.matching import Crowd
from .columns import NUMBER
from .lanes import lane_of
from .tables.jobs import LANE, READY

_LINE: Final = (
    select(literal(1).label("one"))
    .where(READY.c.lane == LANE.c.key)
    .limit(bindparam("most", type_=NUMBER))
    .correlate(LANE)
    .subquery()
)
_WAITING: Final = select(func.count()).select_from(_LINE).scalar_subquery()
_ALL: Final = select(LANE, _WAITING.label("waiting")).order_by(LANE.c.key)


class SqlCrowds:
    """Counts what this connection's transaction sees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, most: int) -> list[Crowd]:
        rows = self._connection.execute(_ALL, {"most": most})
        return [Crowd(lane_of(row), row.waiting) for row in rows if row.waiting]
