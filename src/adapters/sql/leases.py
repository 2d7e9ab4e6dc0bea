"""Leases of live attempts, found along the index of those that have not ended: there are never more than slots."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from ...domain.jobs.ids import JobId
from ...domain.jobs.job import UNREACHABLE
from ...domain.jobs.leases import LeaseWatch
from .arrays import has_arrays
from .columns import MOMENT, NUMBER
from .selection import CURRENT
from .tables.jobs import ATTEMPT, JOB
from .tables.leases import LEASE_WATCH

_LONGEST: Final = select(func.max(ATTEMPT.c.lease)).where(ATTEMPT.c.ended_at.is_(None))
_LAPSED: Final = (
    select(JOB.c.id)
    .join(ATTEMPT, CURRENT)
    .where(
        ATTEMPT.c.ended_at.is_(None),
        ATTEMPT.c.lease_until < bindparam("now", type_=MOMENT),
        or_(JOB.c.reason.is_(None), JOB.c.reason != UNREACHABLE),
    )
    .order_by(ATTEMPT.c.lease_until, JOB.c.id)
    .limit(bindparam("most", type_=NUMBER))
)
_WATCH: Final[Select[Any]] = select(LEASE_WATCH).with_for_update()


class SqlLeases:
    """Leases, to end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def longest(self) -> int | None:
        found: int | None = self._connection.execute(_LONGEST).scalar_one()
        return found

    def lapsed(self, now: datetime, most: int) -> list[JobId]:
        return [JobId(each) for each in self._connection.scalars(_LAPSED, {"now": now, "most": most})]

    def watch(self) -> LeaseWatch | None:
        row = self._connection.execute(_WATCH).one_or_none()
        return LeaseWatch(swept_at=row.swept_at, hold_until=row.hold_until) if row else None

    def keep(self, watch: LeaseWatch) -> None:
        values = {"swept_at": watch.swept_at, "hold_until": watch.hold_until}
        insert = postgresql.insert if has_arrays(self._connection) else sqlite.insert
        kept = insert(LEASE_WATCH).values(id=1, **values)
        self._connection.execute(kept.on_conflict_do_update(index_elements=[LEASE_WATCH.c.id], set_=values))
