"""Lanes and concurrency keys that nobody needs any more.

They are locked first and looked at again by another statement, which sees whatever was committed until then.
Whoever stores a job holds a share of its lane and its key until the commit (`keep_lanes`, `SqlSeats.lock`): such rows
are skipped.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, select

from .arrays import among, has_arrays, listed
from .columns import NUMBER
from .tables.jobs import JOB, LANE
from .tables.seats import CKEY

_MOST: Final = bindparam("most", type_=NUMBER)
_UNFINISHED: Final = JOB.c.finished_at.is_(None)


class SqlLeftovers:
    """Looks at unfinished jobs only: finished ones need neither."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def forget_lanes(self, most: int) -> int:
        return self._forget(LANE, JOB.c.lane, most)

    def forget_keys(self, most: int) -> int:
        return self._forget(CKEY, JOB.c.ckey, most)

    def _forget(self, table: Table, named: ColumnElement[Any], most: int) -> int:
        needing = select(JOB.c.id).where(_UNFINISHED, named == table.c.key).exists()
        unneeded = select(table.c.key).where(~needing).order_by(table.c.key).limit(_MOST)
        locked = set(self._connection.scalars(unneeded.with_for_update(skip_locked=True), {"most": most}))
        if not locked:
            return 0
        fits, arrays = {"keys": listed(self._connection, locked, any_text=True)}, has_arrays(self._connection)
        needed = select(named).where(_UNFINISHED, among(named, "keys", arrays=arrays))
        locked -= set(self._connection.scalars(needed, fits))
        if locked:
            gone = {"keys": listed(self._connection, locked, any_text=True)}
            self._connection.execute(delete(table).where(among(table.c.key, "keys", arrays=arrays)), gone)
        return len(locked)
