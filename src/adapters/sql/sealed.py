"""Sealed values."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...domain.secrets.sealing import Place, Sealed
from .arrays import among, has_arrays, listed
from .tables.sealed import SEALED

_COUNT: Final = select(SEALED.c.key, func.count().label("many")).group_by(SEALED.c.key)


class SqlSealedValues:
    """Sealed values, to read and to change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, places: Collection[Place]) -> Mapping[Place, Sealed]:
        if not places:
            return {}
        condition = among(SEALED.c.place, "places", arrays=has_arrays(self._connection))
        rows = self._connection.execute(select(SEALED).where(condition), self._named(places))
        return {Place.of(row.place): Sealed(row.key, row.data) for row in rows}

    def count(self) -> Mapping[str, int]:
        return {row.key: row.many for row in self._connection.execute(_COUNT)}

    def put(self, place: Place, sealed: Sealed) -> None:
        rest = {"key": sealed.key, "data": sealed.data}
        insert = postgresql.insert if has_arrays(self._connection) else sqlite.insert
        kept = insert(SEALED).values(place=str(place), **rest)
        self._connection.execute(kept.on_conflict_do_update(index_elements=[SEALED.c.place], set_=rest))

    def remove(self, places: Collection[Place]) -> None:
        if places:
            condition = among(SEALED.c.place, "places", arrays=has_arrays(self._connection))
            self._connection.execute(delete(SEALED).where(condition), self._named(places))

    def swap(self, place: Place, before: Sealed, after: Sealed) -> bool:
        there = (SEALED.c.place == str(place)) & (SEALED.c.key == before.key) & (SEALED.c.data == before.data)
        changed = self._connection.execute(update(SEALED).where(there).values(key=after.key, data=after.data))
        return changed.rowcount == 1

    def not_under(self, key: str, *, after: Place | None, limit: int) -> list[tuple[Place, Sealed]]:
        behind = SEALED.c.place > ("" if after is None else str(after))
        found = select(SEALED).where(SEALED.c.key != key, behind).order_by(SEALED.c.place).limit(limit)
        return [(Place.of(row.place), Sealed(row.key, row.data)) for row in self._connection.execute(found)]

    def _named(self, places: Collection[Place]) -> Mapping[str, object]:
        return {"places": listed(self._connection, [str(place) for place in places])}
