"""The seats of concurrency keys. Who holds one and who waits follows from the jobs; see `SqlJobs`."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, func, lateral, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from ...domain.jobs.ids import JobId
from ...domain.jobs.seating import PlaceInLine, Seating, Waiter
from .arrays import among, has_arrays, listed
from .batch import insert_new, update_all
from .columns import KEY, MOMENT, NUMBER
from .tables.jobs import DUE, JOB
from .tables.seats import CKEY, HOLD, WAITER


class SqlSeatReading:
    """Looks at the database as this connection's transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def places(self, ids: Collection[JobId]) -> dict[JobId, PlaceInLine]:
        if not ids:
            return {}
        arrays = has_arrays(self._connection)
        found = self._connection.execute(_places(arrays=arrays), {"ids": listed(self._connection, ids)}).all()
        held = self._held({row.key for row in found})
        holders = {key: tuple(sorted(seats.values())) for key, seats in held.items()}
        return {JobId(row.job_id): PlaceInLine(row.place, row.waiting, holders.get(row.key, ())) for row in found}

    def look(self, key: str) -> Seating:
        arrays, keys = has_arrays(self._connection), self._keys([key])
        seats = {row.key: row.seats for row in self._connection.execute(limits(arrays=arrays), keys)}
        waiting = {row.key: row.many for row in self._connection.execute(_counts(arrays=arrays), keys)}
        holders = self._held([key]).get(key, {})
        return Seating(key=key, limit=seats.get(key, 1), holders=holders, waiting=waiting.get(key, 0))

    def _held(self, keys: Collection[str]) -> Mapping[str, dict[int, JobId]]:
        held = defaultdict[str, dict[int, JobId]](dict)
        if keys:
            for row in self._connection.execute(_holds(arrays=has_arrays(self._connection)), self._keys(keys)):
                held[row.key][row.seat] = JobId(row.job_id)
        return held

    def _keys(self, keys: Collection[str]) -> dict[str, Any]:
        return {"keys": listed(self._connection, keys, any_text=True)}


class SqlSeats(SqlSeatReading):
    """Rows of keys are locked in their order; all else is read after that, so that what was waited for is seen."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        super().__init__(connection)
        self._now = now

    def keys_of(self, ids: Collection[JobId]) -> dict[JobId, str]:
        if not ids:
            return {}
        query = _keys_of(arrays=has_arrays(self._connection))
        rows = self._connection.execute(query, {"ids": listed(self._connection, ids)})
        return {JobId(row.id): row.ckey for row in rows}

    def lock(self, wanted: Mapping[str, int], *, counted: bool = False) -> list[Seating]:
        arrays = has_arrays(self._connection)
        while missing := wanted.keys() - set(self._connection.scalars(_known(arrays=arrays), self._keys(wanted))):
            # In their order: whoever makes the same ones meanwhile is waited for, and never waits for us.
            insert_new(self._connection, CKEY, "key", [{"key": key, "seats": 1} for key in sorted(missing)])
        rows = self._connection.execute(_locked(arrays=arrays), self._keys(wanted)).all()
        held, lines = self._held(wanted), self._lines(wanted)
        waiting = {key: len(line) for key, line in lines.items()}
        if counted:
            counts = self._connection.execute(_counts(arrays=arrays), self._keys(wanted))
            waiting |= {row.key: row.many for row in counts}
        return [
            Seating(
                key=row.key,
                limit=row.seats,
                holders=held.get(row.key, {}),
                line=tuple(lines.get(row.key, ())),
                waiting=waiting.get(row.key, 0),
            )
            for row in rows
        ]

    def save_all(self, seatings: Sequence[Seating]) -> None:
        update_all(self._connection, CKEY, ("key",), [{"key": each.key, "seats": each.limit} for each in seatings])

    def restless(self, k: int) -> list[JobId]:
        due = list(self._connection.scalars(_DUE, {"now": self._now(), "k": k}))
        return list(dict.fromkeys([*due, *self._connection.scalars(FIRST_IN_LINE, {"k": k})]))[:k]

    def _lines(self, wanted: Mapping[str, int]) -> Mapping[str, list[Waiter]]:
        lines = defaultdict[str, list[Waiter]](list)
        if has_arrays(self._connection):
            rows = list(self._connection.execute(_HEADS, {"keys": list(wanted), "mosts": list(wanted.values())}))
        else:
            shares = [{"key": key, "most": most} for key, most in wanted.items()]
            rows = [row for share in shares for row in self._connection.execute(_HEAD, share)]
        for row in rows:
            lines[row.key].append(Waiter(row.rank, JobId(row.job_id)))
        return {key: sorted(line) for key, line in lines.items()}


@lru_cache
def _keys_of(*, arrays: bool) -> Select[Any]:
    return select(JOB.c.id, JOB.c.ckey).where(among(JOB.c.id, "ids", arrays=arrays), JOB.c.ckey.is_not(None))


@lru_cache
def _known(*, arrays: bool) -> Select[Any]:
    """With a share of each, so that nobody removes it before it is locked."""
    known = select(CKEY.c.key).where(among(CKEY.c.key, "keys", arrays=arrays))
    return known.with_for_update(read=True, key_share=True)


@lru_cache
def limits(*, arrays: bool) -> Select[Any]:
    return select(CKEY).where(among(CKEY.c.key, "keys", arrays=arrays))


@lru_cache
def _locked(*, arrays: bool) -> Select[Any]:
    return limits(arrays=arrays).order_by(CKEY.c.key).with_for_update(key_share=True)


@lru_cache
def _holds(*, arrays: bool) -> Select[Any]:
    return select(HOLD).where(among(HOLD.c.key, "keys", arrays=arrays))


@lru_cache
def _counts(*, arrays: bool) -> Select[Any]:
    counted = select(WAITER.c.key, func.count().label("many")).where(among(WAITER.c.key, "keys", arrays=arrays))
    return counted.group_by(WAITER.c.key)


@lru_cache
def _places(*, arrays: bool) -> Select[Any]:
    """One pass over each line in which one of the jobs stands."""
    lines = select(WAITER.c.key).where(among(WAITER.c.job_id, "ids", arrays=arrays))
    place = func.row_number().over(partition_by=WAITER.c.key, order_by=(WAITER.c.rank, WAITER.c.job_id))
    waiting = func.count().over(partition_by=WAITER.c.key)
    standing = select(WAITER.c.key, WAITER.c.job_id, place.label("place"), waiting.label("waiting"))
    numbered = standing.where(WAITER.c.key.in_(lines)).subquery()
    return select(numbered).where(among(numbered.c.job_id, "ids", arrays=arrays))


def _head(key: Any, most: Any) -> Select[Any]:
    return select(WAITER).where(WAITER.c.key == key).order_by(WAITER.c.rank, WAITER.c.job_id).limit(most)


def _heads() -> Select[Any]:
    given = func.unnest(bindparam("keys", type_=ARRAY(KEY)), bindparam("mosts", type_=ARRAY(NUMBER)))
    line = given.table_valued("key", "most", name="line").render_derived()
    head = lateral(_head(line.c.key, line.c.most), name="head")
    return select(head).select_from(line.join(head, true()))


def _first() -> Select[Any]:
    """The first in line for each free seat's key; leaps from line to line along the index."""
    first = select(func.min(WAITER.c.key).label("key")).cte("line", recursive=True)
    next_one = select(func.min(WAITER.c.key)).where(WAITER.c.key > first.c.key).scalar_subquery()
    line = first.union_all(select(next_one).where(first.c.key.is_not(None)))
    held = select(func.count()).select_from(HOLD).where(HOLD.c.key == CKEY.c.key).scalar_subquery()
    ahead = select(WAITER.c.job_id).where(WAITER.c.key == CKEY.c.key).order_by(WAITER.c.rank, WAITER.c.job_id)
    keys = select(ahead.limit(1).scalar_subquery()).select_from(CKEY.join(line, line.c.key == CKEY.c.key))
    return keys.where(held < CKEY.c.seats).limit(bindparam("k", type_=NUMBER))


_HEAD: Final = _head(bindparam("key", type_=KEY), bindparam("most", type_=NUMBER))
_HEADS: Final = _heads()
FIRST_IN_LINE: Final = _first()
_DUE: Final = (
    select(DUE.c.job_id)
    .join(JOB, JOB.c.id == DUE.c.job_id)
    .where(DUE.c.at <= bindparam("now", type_=MOMENT), JOB.c.ckey.is_not(None))
    .order_by(DUE.c.at, DUE.c.job_id)
    .limit(bindparam("k", type_=NUMBER))
)
