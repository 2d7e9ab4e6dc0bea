"""Limits, and how much of them is used."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final
from zlib import crc32

from sqlalchemy import Connection, Row, Select, bindparam, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from ...application.ports.limits import Use
from ...domain.jobs.states import FINAL_STATES, LIVE_STATES, JobState
from ...domain.limits.limits import LimitKind, Limits, ProjectLimits, Scope
from .arrays import among, has_arrays, listed
from .columns import KEY, NUMBER
from .tables.jobs import ATTEMPT, JOB
from .tables.limits import PROJECT_LIMIT

_WHOLE: Final = ""
_ALL: Final[Select[Any]] = select(PROJECT_LIMIT).order_by(PROJECT_LIMIT.c.project, PROJECT_LIMIT.c.owner)
_WAITING: Final = sorted(state.value for state in set(JobState) - FINAL_STATES - LIVE_STATES)
_KINDS: Final = {kind: 0x52756E31 + place for place, kind in enumerate(LimitKind)}
_DOORS: Final = 64
"""So many locks are enough: a claim may hold those of a thousand projects."""
_HELD: Final = text("select pg_advisory_xact_lock(:kind, door) from unnest(cast(:doors as integer[])) as door")


class SqlLimits:
    """What was set, to read and to change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[ProjectLimits]:
        return [limits_of(row) for row in self._connection.execute(_ALL)]

    def of(self, projects: Collection[str]) -> list[ProjectLimits]:
        these = _ALL.where(among(PROJECT_LIMIT.c.project, "projects", arrays=has_arrays(self._connection)))
        return [limits_of(row) for row in self._connection.execute(these, _projects(self._connection, projects))]

    def save(self, limits: ProjectLimits) -> None:
        rest = {kind.value: limits.limits.of(kind) for kind in LimitKind} | {"changed_at": limits.changed_at}
        insert = postgresql.insert if has_arrays(self._connection) else sqlite.insert
        kept = insert(PROJECT_LIMIT).values(project=limits.project, owner=limits.owner or _WHOLE, **rest)
        key = [PROJECT_LIMIT.c.project, PROJECT_LIMIT.c.owner]
        self._connection.execute(kept.on_conflict_do_update(index_elements=key, set_=rest))


class SqlUse:
    """Counts what this connection's transaction sees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def running(self, projects: Collection[str]) -> Use:
        arrays = has_arrays(self._connection)
        rows = self._connection.execute(_running(arrays=arrays), _projects(self._connection, projects))
        return {(row.project, row.owner): row.many for row in rows}

    def waiting(self, scope: Scope, most: int) -> int:
        asked = {"project": scope.project, "most": most} | ({} if scope.owner is None else {"owner": scope.owner})
        counted = _waiting(of_owner=scope.owner is not None)
        return int(self._connection.execute(counted, asked).scalar_one())

    def hold(self, kind: LimitKind, projects: Collection[str]) -> None:
        if has_arrays(self._connection):  # SQLite has one writer, who holds everything
            doors = sorted({crc32(project.encode()) % _DOORS for project in projects})
            self._connection.execute(_HELD, {"kind": _KINDS[kind], "doors": doors})


def limits_of(row: Row[Any]) -> ProjectLimits:
    limits = Limits(**{kind.value: getattr(row, kind.value) for kind in LimitKind})
    return ProjectLimits(project=row.project, owner=row.owner or None, limits=limits, changed_at=row.changed_at)


def _projects(connection: Connection, projects: Collection[str]) -> dict[str, Any]:
    return {"projects": listed(connection, projects, any_text=True)}


@lru_cache
def _running(*, arrays: bool) -> Select[Any]:
    live = select(JOB.c.project, JOB.c.owner, func.count().label("many")).join(ATTEMPT, ATTEMPT.c.job_id == JOB.c.id)
    counted = live.where(ATTEMPT.c.ended_at.is_(None), among(JOB.c.project, "projects", arrays=arrays))
    return counted.group_by(JOB.c.project, JOB.c.owner)


@lru_cache
def _waiting(*, of_owner: bool) -> Select[Any]:
    waits = select(JOB.c.id).where(
        JOB.c.project == bindparam("project", type_=KEY), JOB.c.finished_at.is_(None), JOB.c.state.in_(_WAITING)
    )
    theirs = waits.where(JOB.c.owner == bindparam("owner", type_=KEY)) if of_owner else waits
    return select(func.count()).select_from(theirs.limit(bindparam("most", type_=NUMBER)).subquery())
