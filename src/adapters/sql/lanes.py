"""Lanes: known before anything waits in them."""

import json
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.dialects import postgresql, sqlite

from ...domain.jobs.lanes import Lane, Placement
from .arrays import among, has_arrays, listed
from .documents import document
from .tables.jobs import LANE

_ALL: Final[Select[Any]] = select(LANE).order_by(LANE.c.key)


def keep_lanes(connection: Connection, lanes: Iterable[Lane]) -> None:
    """Store those that are not known yet, in one order for everybody, so that nobody waits in a circle.

    A share of each is held until the end of the transaction, so that nobody removes it as one that is not needed.
    """
    wanted = {lane.key: lane for lane in lanes}
    insert = postgresql.insert if has_arrays(connection) else sqlite.insert
    while missing := wanted.keys() - _shared(connection, wanted):
        connection.execute(insert(LANE).on_conflict_do_nothing(), [_row(wanted[key]) for key in sorted(missing)])


def _shared(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those that are known; nobody can remove them now."""
    if not keys:
        return set()
    known = connection.scalars(_known(arrays=has_arrays(connection)), {"keys": listed(connection, keys, any_text=True)})
    return set(known)


def _row(lane: Lane) -> dict[str, Any]:
    return {
        "key": lane.key,
        "project": lane.project,
        "owner": lane.owner,
        "queue": lane.queue,
        "runner": lane.placement.runner,
        "labels": document(dict(sorted(lane.placement.labels.items()))),
    }


@lru_cache
def _known(*, arrays: bool) -> Select[Any]:
    known = select(LANE.c.key).where(among(LANE.c.key, "keys", arrays=arrays)).order_by(LANE.c.key)
    return known.with_for_update(read=True, key_share=True)


def all_lanes(connection: Connection) -> list[Lane]:
    """Every lane, by key."""
    return [lane_of(row) for row in connection.execute(_ALL)]


def lane_of(row: Row[Any]) -> Lane:
    placement = Placement(runner=row.runner, labels=json.loads(row.labels))
    return Lane(project=row.project, owner=row.owner, queue=row.queue, placement=placement)
