"""The events of runners."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from ...domain.runners.events import RunnerEvent, RunnerEventKind, RunnerEventPage
from ...domain.runners.ids import RunnerId
from .documents import document, sentence
from .tables.runner_events import RUNNER_EVENT


class SqlRunnerEvents:
    """Events, to read and to add."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, runner_id: RunnerId, *, after: int | None, limit: int) -> RunnerEventPage:
        mine = select(RUNNER_EVENT).where(RUNNER_EVENT.c.runner_id == runner_id).order_by(RUNNER_EVENT.c.id.desc())
        if after is not None:
            mine = mine.where(RUNNER_EVENT.c.id < after)
        found = [_event(row) for row in self._connection.execute(mine.limit(limit + 1))]
        return RunnerEventPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    def oldest(self, *, after: int, limit: int) -> list[RunnerEvent]:
        behind = select(RUNNER_EVENT).where(RUNNER_EVENT.c.id > after).order_by(RUNNER_EVENT.c.id).limit(limit)
        return [_event(row) for row in self._connection.execute(behind)]

    def append(self, events: Sequence[RunnerEvent]) -> None:
        for event in events:  # one by one: so they get their ids in this order
            self._connection.execute(insert(RUNNER_EVENT).values(**_values(event)))

    def forget(self, before: datetime, most: int) -> int:
        old = select(RUNNER_EVENT.c.id).where(RUNNER_EVENT.c.at < before).order_by(RUNNER_EVENT.c.at).limit(most)
        return self._connection.execute(delete(RUNNER_EVENT).where(RUNNER_EVENT.c.id.in_(old))).rowcount


def _values(event: RunnerEvent) -> Mapping[str, Any]:
    return {
        "runner_id": event.runner_id,
        "at": event.at,
        "kind": event.kind.value,
        "details": document(dict(event.details)),
        "by": sentence(event.by),
    }


def _event(row: Row[Any]) -> RunnerEvent:
    return RunnerEvent(
        id=row.id,
        runner_id=RunnerId(row.runner_id),
        at=row.at,
        kind=RunnerEventKind(row.kind),
        details=json.loads(row.details),
        by=row.by,
    )
