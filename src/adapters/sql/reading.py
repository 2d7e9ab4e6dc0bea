"""Jobs as they are read: each from one statement, so that a job and its attempt always fit."""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, or_, select, true

from ...application.ports.jobs import Belonging, JobFilter, JobPage, JobRecord, JobSummary
from ...domain.jobs.attempt import Attempt
from ...domain.jobs.errors import JobNotFound
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.lanes import Lane
from ...domain.jobs.seating import PlaceInLine
from ...domain.jobs.spec import JobSpec
from ...domain.jobs.states import FINAL_STATES, JobState
from ...domain.runners.ids import RunnerId
from .arrays import among, has_arrays, listed
from .columns import KEY
from .documents import outline_of, spec_of
from .filters import born, labelled
from .lanes import all_lanes
from .rows import attempt_of, id_end, job_of
from .seats import SqlSeatReading
from .selection import CURRENT, JOB_COLUMNS
from .tables.jobs import ATTEMPT, JOB, JOB_SPEC

_ID_PART: Final = re.compile(r"[0-9a-f-]+")
_SHORT: Final = 2
"""Parts of ids up to this length fit so many jobs that walking through all of them finds a page at once."""

_AFTER_ANY_ID: Final = "~"


class SqlJobReading:
    """Looks at the database as this connection's transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, job_id: JobId) -> JobRecord:
        for record in self._records([job_id]):
            return record
        raise JobNotFound(job_id)

    def summary(self, job_id: JobId) -> JobSummary:
        for summary in self._summaries([job_id]):
            return summary
        raise JobNotFound(job_id)

    def records(self, ids: Collection[JobId]) -> dict[JobId, JobRecord]:
        return {record.job.id: record for record in self._records(ids)} if ids else {}

    def specs(self, ids: Collection[JobId]) -> dict[JobId, JobSpec]:
        rows = self._connection.execute(_specs(arrays=self._arrays), self._listed(ids))
        return {JobId(row.job_id): spec_of(row.spec, row.rest) for row in rows}

    def page(self, which: JobFilter, *, after: JobId | None, limit: int) -> JobPage:
        if after and not _ID_PART.fullmatch(after):
            return JobPage((), None)
        found = self._found(which, after, limit + 1)
        items = tuple(self._summaries(found[:limit]))
        return JobPage(items, items[-1].job.id if items and len(found) > limit else None)

    def attempts(self, job_id: JobId) -> list[Attempt]:
        self.summary(job_id)
        tries = select(ATTEMPT).where(ATTEMPT.c.job_id == job_id).order_by(ATTEMPT.c.number)
        return [attempt_of(row) for row in self._connection.execute(tries)]

    def live_on(self, runner_id: RunnerId) -> list[Job]:
        return [job_of(row, _attempt(row)) for row in self._connection.execute(_LIVE_ON, {"runner": runner_id})]

    def whose(self, job_id: JobId) -> Belonging | None:
        row = self._connection.execute(_WHOSE, {"id": job_id}).one_or_none() if _ID_PART.fullmatch(job_id) else None
        return Belonging(row.project, row.owner, row.parent) if row else None

    def count_live_on(self, runner_id: RunnerId) -> int:
        return self._connection.execute(_COUNT_LIVE_ON, {"runner": runner_id}).scalar_one()

    def lanes(self) -> list[Lane]:
        return all_lanes(self._connection)

    @property
    def _arrays(self) -> bool:
        return has_arrays(self._connection)

    def _listed(self, ids: Collection[JobId]) -> dict[str, Any]:
        return {"ids": listed(self._connection, ids)}

    def _records(self, ids: Collection[JobId]) -> Iterable[JobRecord]:
        for job, row, place in self._placed(_records(arrays=self._arrays), ids):
            yield JobRecord(job, spec_of(row.spec, row.rest), place)

    def _summaries(self, ids: Collection[JobId]) -> Iterable[JobSummary]:
        for job, row, place in self._placed(_summaries(arrays=self._arrays), ids):
            yield JobSummary(job, outline_of(row.spec), place)

    def _placed(self, query: Select[Any], ids: Collection[JobId]) -> Iterable[tuple[Job, Row[Any], PlaceInLine | None]]:
        found = [(job_of(row, _attempt(row)), row) for row in self._connection.execute(query, self._listed(ids))]
        places = SqlSeatReading(self._connection).places([job.id for job, _ in found if job.in_line])
        return [(job, row, places.get(job.id)) for job, row in found]

    def _found(self, which: JobFilter, after: JobId | None, limit: int) -> list[JobId]:
        """The newest ids that fit; the beginning and the end of an id are looked up by an index each."""
        found: set[JobId] = set()
        for fits in _id_conditions(which.id_part):
            job_id, jobs = labelled(which)
            ids = jobs.where(job_id < (after or _AFTER_ANY_ID), fits, _state_condition(which.states), *born(which))
            found |= {JobId(each) for each in self._connection.scalars(ids.order_by(job_id.desc()).limit(limit))}
        return sorted(found, reverse=True)[:limit]


def _id_conditions(part: str | None) -> list[ColumnElement[bool]]:
    """Conditions of which an id has to meet one."""
    if part is None:
        return [true()]
    if not _ID_PART.fullmatch(part):
        return []
    begins, ends = _begins(JOB.c.id, part), JOB.c.id.endswith(part)
    if len(part) <= _SHORT:
        return [or_(begins, ends)]
    return [begins, and_(_begins(JOB.c.id_end, id_end(part)), ends)]


def _begins(key: ColumnElement[str], part: str) -> ColumnElement[bool]:
    return and_(key >= part, key < part + _AFTER_ANY_ID)


def _state_condition(states: frozenset[JobState]) -> ColumnElement[bool]:
    if not states:
        return true()
    fits = JOB.c.state.in_(sorted(states))
    return fits if states & FINAL_STATES else and_(fits, JOB.c.finished_at.is_(None))


def _attempt(row: Row[Any]) -> Attempt | None:
    return attempt_of(row) if row.number else None


_CURRENT_COLUMNS: Final = tuple(column for column in ATTEMPT.c if column.name != "job_id")


@lru_cache
def _records(*, arrays: bool) -> Select[Any]:
    return _summaries(arrays=arrays).add_columns(JOB_SPEC.c.rest)


@lru_cache
def _summaries(*, arrays: bool) -> Select[Any]:
    record = select(*JOB_COLUMNS, *_CURRENT_COLUMNS, JOB_SPEC.c.spec)
    joined = record.join(JOB_SPEC, JOB_SPEC.c.job_id == JOB.c.id).outerjoin(ATTEMPT, CURRENT)
    return joined.where(among(JOB.c.id, "ids", arrays=arrays)).order_by(JOB.c.id.desc())


@lru_cache
def _specs(*, arrays: bool) -> Select[Any]:
    return select(JOB_SPEC).where(among(JOB_SPEC.c.job_id, "ids", arrays=arrays))


_WHOSE: Final = select(JOB.c.project, JOB.c.owner, JOB.c.parent).where(JOB.c.id == bindparam("id", type_=KEY))

_LIVE_ON: Final = (
    select(*JOB_COLUMNS, *_CURRENT_COLUMNS)
    .join(ATTEMPT, CURRENT)
    .where(ATTEMPT.c.runner_id == bindparam("runner"), ATTEMPT.c.ended_at.is_(None))
    .order_by(JOB.c.id)
)


_COUNT_LIVE_ON: Final = (
    select(func.count())
    .select_from(ATTEMPT)
    .where(ATTEMPT.c.runner_id == bindparam("runner"), ATTEMPT.c.ended_at.is_(None))
)
