"""Finished jobs, to be removed for good: found by the index of their ends."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, select, update

from ...application.ports.finished_jobs import StoredOutput
from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.states import JobState
from .arrays import among, has_arrays, listed
from .columns import NUMBER
from .tables.attempt_tokens import ATTEMPT_TOKEN
from .tables.jobs import ATTEMPT, JOB, JOB_LABEL, JOB_SPEC
from .tables.logs import LOG, LOG_CHUNK

_FINISHED: Final = JOB.c.finished_at.is_not(None)
_LIMIT: Final = bindparam("limit", type_=NUMBER)
_KEEP: Final = bindparam("keep", type_=NUMBER)
# The last of those to keep: walked along the index, whatever is older is surplus.
_LAST_KEPT: Final = select(JOB.c.finished_at).where(_FINISHED).order_by(JOB.c.finished_at.desc()).offset(_KEEP - 1)


class SqlFinishedJobs:
    """Removes children first. A job that somebody else holds is left for the next time."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now

    def ended_before(self, moments: Mapping[JobState, datetime], limit: int) -> list[JobId]:
        found: list[JobId] = []
        for state, moment in moments.items():
            old = select(JOB.c.id).where(_FINISHED, JOB.c.finished_at < moment, JOB.c.state == state.value)
            found += self._locked(old.order_by(JOB.c.finished_at).limit(limit))
        return found

    def surplus(self, keep: int, limit: int) -> list[JobId]:
        if keep > 0:
            last = self._connection.execute(_LAST_KEPT.limit(1), {"keep": keep}).scalar_one_or_none()
            if last is None:
                return []
            older = select(JOB.c.id).where(_FINISHED, JOB.c.finished_at < last)
        else:
            older = select(JOB.c.id).where(_FINISHED)
        return self._locked(older.order_by(JOB.c.finished_at).limit(limit))

    def outputs(self, ids: Collection[JobId] | None, limit: int) -> list[StoredOutput]:
        query = select(LOG).join(JOB, JOB.c.id == LOG.c.job_id).where(_FINISHED)
        query = query.order_by(JOB.c.finished_at, LOG.c.job_id, LOG.c.attempt).limit(limit)
        parameters: dict[str, Any] = {}
        if ids is not None:
            query = query.where(among(LOG.c.job_id, "ids", arrays=has_arrays(self._connection)))
            parameters["ids"] = listed(self._connection, ids)
        rows = self._connection.execute(query.with_for_update(of=JOB, skip_locked=True), parameters)
        return [StoredOutput(AttemptRef(row.job_id, row.attempt), row.stored) for row in rows]

    def cut(self, ref: AttemptRef, chunks: int) -> int:
        of_log = and_(LOG_CHUNK.c.job_id == ref.job_id, LOG_CHUNK.c.attempt == ref.number)
        last = select(LOG_CHUNK.c.start).where(of_log).order_by(LOG_CHUNK.c.start.desc()).limit(chunks).subquery()
        start, count = self._connection.execute(select(func.min(last.c.start), func.count()).select_from(last)).one()
        if not count:
            return 0
        self._connection.execute(delete(LOG_CHUNK).where(of_log, LOG_CHUNK.c.start >= start))
        head = and_(LOG.c.job_id == ref.job_id, LOG.c.attempt == ref.number)
        if start:
            self._connection.execute(update(LOG).where(head).values(stored=start))
        else:
            self._connection.execute(delete(LOG).where(head))
        attempt = and_(ATTEMPT.c.job_id == ref.job_id, ATTEMPT.c.number == ref.number)
        self._connection.execute(update(ATTEMPT).where(attempt).values(log_removed_at=self._now()))
        return int(count)

    def remove(self, ids: Collection[JobId]) -> None:
        if not ids:
            return
        parameters = {"ids": listed(self._connection, ids)}
        for table, key in (
            (JOB_LABEL, JOB_LABEL.c.job_id),
            (JOB_SPEC, JOB_SPEC.c.job_id),
            (ATTEMPT_TOKEN, ATTEMPT_TOKEN.c.job_id),
            (ATTEMPT, ATTEMPT.c.job_id),
            (JOB, JOB.c.id),
        ):
            self._connection.execute(
                delete(table).where(among(key, "ids", arrays=has_arrays(self._connection))), parameters
            )

    def _locked(self, query: Select[Any]) -> list[JobId]:
        return [JobId(each) for each in self._connection.scalars(query.with_for_update(skip_locked=True))]
