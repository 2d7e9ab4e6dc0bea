"""Lanes: known before anything waits in them."""

import json
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.dialects import postgresql, sqlite

from ...domain.jobs.lanes import Lane, Placement
from .arrays import has_arrays
from .documents import document
from .tables.jobs import LANE

_ALL: Final[Select[Any]] = select(LANE).order_by(LANE.c.key)


def keep_lanes(connection: Connection, lanes: Iterable[Lane]) -> None:
    """Store those that are not known yet, in one order for everybody, so that nobody waits in a circle."""
    rows = [
        {
            "key": key,
            "project": lane.project,
            "owner": lane.owner,
            "queue": lane.queue,
            "runner": lane.placement.runner,
            "labels": document(dict(sorted(lane.placement.labels.items()))),
        }
        for key, lane in sorted({lane.key: lane for lane in lanes}.items())
    ]
    if rows:
        insert = postgresql.insert if has_arrays(connection) else sqlite.insert
        connection.execute(insert(LANE).on_conflict_do_nothing(), rows)


def all_lanes(connection: Connection) -> list[Lane]:
    """Every lane, by key."""
    return [lane_of(row) for row in connection.execute(_ALL)]


def lane_of(row: Row[Any]) -> Lane:
    placement = Placement(runner=row.runner, labels=json.loads(row.labels))
    return Lane(project=row.project, owner=row.owner, queue=row.queue, placement=placement)
