"""Everything there is, read to be judged: each table by itself, so that nothing wrong hides behind a join."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, Table, func, select

from ...application.ports.books import SharedSeat, Stray
from ...domain.jobs.attempt import Attempt
from ...domain.jobs.ids import JobId
from ...domain.jobs.lanes import Lane
from ...domain.jobs.states import JobState
from ...domain.observability.book import JobBook, StoredLog
from .arrays import among, has_arrays, listed
from .lanes import lane_of
from .rows import attempt_of, job_of
from .seats import FIRST_IN_LINE, limits
from .selection import JOB_COLUMNS
from .tables.jobs import ATTEMPT, DUE, JOB, JOB_SPEC, LANE, READY
from .tables.logs import LOG, LOG_CHUNK
from .tables.runners import RUNNER
from .tables.seats import HOLD, WAITER
from .unreadable import CANNOT

_PLACES: Final = (LOG_CHUNK.c.job_id, LOG_CHUNK.c.attempt, LOG_CHUNK.c.start, LOG_CHUNK.c.size)
_QUEUED: Final = select(*JOB_COLUMNS).where(JOB.c.finished_at.is_(None), JOB.c.state == JobState.QUEUED.value)
_SEATS: Final = select(JOB.c.ckey, JOB.c.seat).where(JOB.c.finished_at.is_(None), JOB.c.seat.is_not(None))
_SHARED: Final = _SEATS.group_by(JOB.c.ckey, JOB.c.seat).having(func.count() > 1).order_by(JOB.c.ckey, JOB.c.seat)

Rows = dict[JobId, list[Row[Any]]]


class SqlBooks:
    """Looks at the database as this connection's transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def books(self, *, after: JobId | None, limit: int) -> list[JobBook]:
        found: list[JobBook] = []
        while len(found) < limit:
            page = select(*JOB_COLUMNS).where(JOB.c.id > (after or "")).order_by(JOB.c.id).limit(limit)
            rows = self._connection.execute(page).all()
            found += self._of_rows(rows)
            if len(rows) < limit:
                break
            after = rows[-1].id
        return found[:limit]

    def queued_since(self, moment: datetime, limit: int) -> list[JobBook]:
        return self._books(_QUEUED.where(JOB.c.eligible_at <= moment).order_by(JOB.c.id).limit(limit))

    def shared_seats(self, limit: int) -> list[SharedSeat]:
        return [
            SharedSeat(row.ckey, row.seat, tuple(map(JobId, self._holders(row.ckey, row.seat))))
            for row in self._connection.execute(_SHARED.limit(limit)).all()
        ]

    def passed_over(self, limit: int) -> list[JobBook]:
        ids = list(self._connection.scalars(FIRST_IN_LINE, {"k": limit}))
        return self._books(select(*JOB_COLUMNS).where(JOB.c.id.in_(ids)).order_by(JOB.c.id)) if ids else []

    def strays(self, limit: int) -> list[Stray]:
        places = [stray for table in (READY, DUE, HOLD, WAITER) for stray in self._without_job(table, limit)]
        return [*places, *self._without_runner(limit)]

    def _books(self, query: Select[Any]) -> list[JobBook]:
        return self._of_rows(self._connection.execute(query).all())

    def _of_rows(self, jobs: Sequence[Row[Any]]) -> list[JobBook]:
        ids = [row.id for row in jobs]
        specs = self._of(select(JOB_SPEC.c.job_id), JOB_SPEC, ids)
        attempts = self._of(select(ATTEMPT).order_by(ATTEMPT.c.number), ATTEMPT, ids)
        heads = self._of(select(LOG).order_by(LOG.c.attempt), LOG, ids)
        chunks = self._of(select(*_PLACES).order_by(LOG_CHUNK.c.start), LOG_CHUNK, ids)
        lanes = self._lanes({row.lane for row in jobs if row.lane is not None})
        ready, due = self._of(select(READY), READY, ids), self._of(select(DUE), DUE, ids)
        held, awaited = self._of(select(HOLD), HOLD, ids), self._of(select(WAITER), WAITER, ids)
        seats = self._limits({row.ckey for row in jobs if row.ckey is not None})
        found: list[JobBook] = []
        for row in jobs:
            with suppress(*CANNOT):  # those are told by `SqlRows`
                found.append(
                    _book(
                        row,
                        tuple(attempt_of(each) for each in attempts[row.id]),
                        has_spec=row.id in specs,
                        lane=lanes.get(row.lane),
                        logs=tuple(_logs(heads[row.id], chunks[row.id])),
                        ready=tuple((each.lane, each.rank) for each in ready[row.id]),
                        due=tuple(each.at for each in due[row.id]),
                        limit=seats.get(row.ckey),
                        held=tuple((each.key, each.seat) for each in held[row.id]),
                        awaited=tuple((each.key, each.rank) for each in awaited[row.id]),
                    )
                )
        return found

    def _lanes(self, keys: set[str]) -> dict[str, Lane]:
        """Those that are known and can be read."""
        fits = among(LANE.c.key, "keys", arrays=has_arrays(self._connection))
        found: dict[str, Lane] = {}
        for row in self._connection.execute(
            select(LANE).where(fits), {"keys": listed(self._connection, keys, any_text=True)}
        ):
            with suppress(*CANNOT):
                found[row.key] = lane_of(row)
        return found

    def _of(self, query: Select[Any], table: Table, ids: Sequence[JobId]) -> Rows:
        """The rows of these jobs, by job."""
        found: Rows = defaultdict(list)
        fits = among(table.c.job_id, "ids", arrays=has_arrays(self._connection))
        for row in self._connection.execute(query.where(fits), {"ids": listed(self._connection, ids)}):
            found[row.job_id].append(row)
        return found

    def _limits(self, keys: set[str]) -> dict[str, int]:
        if not keys:
            return {}
        bound = {"keys": listed(self._connection, keys, any_text=True)}
        rows = self._connection.execute(limits(arrays=has_arrays(self._connection)), bound)
        return {row.key: row.seats for row in rows}

    def _holders(self, key: str, seat: int) -> list[str]:
        mine = select(JOB.c.id).where(JOB.c.finished_at.is_(None), JOB.c.ckey == key, JOB.c.seat == seat)
        return list(self._connection.scalars(mine.order_by(JOB.c.id)))

    def _without_job(self, table: Table, limit: int) -> Iterator[Stray]:
        jobless = select(table).where(~select(JOB.c.id).where(JOB.c.id == table.c.job_id).exists()).limit(limit)
        for row in self._connection.execute(jobless).mappings():
            yield Stray(f"{table.name} {dict(row)}", "such job")

    def _without_runner(self, limit: int) -> Iterator[Stray]:
        known = select(RUNNER.c.id).where(RUNNER.c.id == ATTEMPT.c.runner_id).exists()
        live = select(ATTEMPT.c.job_id, ATTEMPT.c.number, ATTEMPT.c.runner_id).where(ATTEMPT.c.ended_at.is_(None))
        for row in self._connection.execute(live.where(~known).limit(limit)):
            yield Stray(f"attempt {row.job_id}/{row.number} on {row.runner_id}", "such runner")


def _book(row: Row[Any], attempts: tuple[Attempt, ...], **rest: Any) -> JobBook:
    current = next((attempt for attempt in attempts if attempt.number == row.attempt), None)
    return JobBook(job=job_of(row, current), named=row.attempt, attempts=attempts, **rest)


def _logs(heads: Sequence[Row[Any]], chunks: Sequence[Row[Any]]) -> Iterator[StoredLog]:
    for head in heads:
        places = tuple((row.start, row.size) for row in chunks if row.attempt == head.attempt)
        yield StoredLog(head.attempt, head.stored, places)
