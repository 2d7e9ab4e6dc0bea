"""The queues that are paused."""

from typing import Any, Final

from sqlalchemy import Connection, Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from ...domain.jobs.queues import QueuePause
from .arrays import has_arrays
from .documents import sentence
from .tables.queues import QUEUE_PAUSE

_ALL: Final[Select[Any]] = select(QUEUE_PAUSE).order_by(QUEUE_PAUSE.c.project, QUEUE_PAUSE.c.queue)


class SqlQueues:
    """Pauses, to read and to change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[QueuePause]:
        rows = self._connection.execute(_ALL)
        return [
            QueuePause(project=row.project, queue=row.queue, since=row.since, until=row.until, reason=row.reason)
            for row in rows
        ]

    def pause(self, pause: QueuePause) -> None:
        rest = {"since": pause.since, "until": pause.until, "reason": sentence(pause.reason)}
        insert = postgresql.insert if has_arrays(self._connection) else sqlite.insert
        kept = insert(QUEUE_PAUSE).values(project=pause.project, queue=pause.queue, **rest)
        key = [QUEUE_PAUSE.c.project, QUEUE_PAUSE.c.queue]
        self._connection.execute(kept.on_conflict_do_update(index_elements=key, set_=rest))

    def resume(self, project: str, queue: str) -> None:
        paused = delete(QUEUE_PAUSE).where(QUEUE_PAUSE.c.project == project, QUEUE_PAUSE.c.queue == queue)
        self._connection.execute(paused)
