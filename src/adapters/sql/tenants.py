"""Projects and the owners in them, read to be judged: whose each row says it is, and whose what it refers to is."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from ...application.ports.tenants import Crossing
from ...domain.accounts.projects import DEFAULT_PROJECT, MARK
from ...domain.jobs.states import FINAL_STATES, LIVE_STATES, JobState
from ...domain.observability.tenants import Standing
from .documents import outline_of
from .tables.accounts import TOKEN
from .tables.jobs import ATTEMPT, JOB, JOB_SPEC, LANE
from .tables.limits import PROJECT_LIMIT
from .tables.passes import RUNNER_PASS
from .tables.projects import PROJECT
from .tables.queues import QUEUE_PAUSE
from .tables.runners import RUNNER
from .tables.secrets import SECRET
from .tables.submission_keys import SUBMISSION_KEY
from .unreadable import CANNOT

_OF_PROJECTS: Final = (JOB, LANE, QUEUE_PAUSE, RUNNER, SECRET, PROJECT_LIMIT)
_WAITING: Final = sorted(state.value for state in set(JobState) - FINAL_STATES - LIVE_STATES)
_WHOSE: Final = (JOB.c.project, JOB.c.owner)
_RUN: Final = (
    select(*_WHOSE, func.count().label("many"), func.max(ATTEMPT.c.claimed_at).label("last"))
    .join(ATTEMPT, ATTEMPT.c.job_id == JOB.c.id)
    .where(ATTEMPT.c.ended_at.is_(None))
    .group_by(*_WHOSE)
)
_WAIT: Final = (
    select(*_WHOSE, func.count().label("many"), func.max(JOB.c.created_at).label("last"))
    .where(JOB.c.finished_at.is_(None), JOB.c.state.in_(_WAITING), JOB.c.attempt.is_(None))
    .group_by(*_WHOSE)
)


def _within(text: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether this name is one of the job's project; see `within` in the domain."""
    mark = MARK + JOB.c.project + MARK
    marked = func.substr(text, 1, func.length(mark)) == mark
    plain = and_(JOB.c.project == DEFAULT_PROJECT, func.substr(text, 1, 1) != MARK)
    return or_(plain, marked)


_PARENT: Final = JOB.alias("parent_job")
_ELSEWHERE: Final[tuple[tuple[str, Select[Any]], ...]] = (
    (
        "stands in a lane of another project or owner",
        select(
            JOB.c.id, JOB.c.project, JOB.c.owner, LANE.c.project.label("lane_project"), LANE.c.owner.label("lane_owner")
        )
        .join(LANE, LANE.c.key == JOB.c.lane)
        .where(or_(LANE.c.project != JOB.c.project, LANE.c.owner != JOB.c.owner)),
    ),
    (
        "has a concurrency key of another project",
        select(JOB.c.id, JOB.c.project, JOB.c.ckey).where(JOB.c.ckey.is_not(None), ~_within(JOB.c.ckey)),
    ),
    (
        "was submitted under a key of another project",
        select(JOB.c.id, JOB.c.project, SUBMISSION_KEY.c.key)
        .join(SUBMISSION_KEY, SUBMISSION_KEY.c.job_id == JOB.c.id)
        .where(~_within(SUBMISSION_KEY.c.key)),
    ),
    (
        "was submitted by a job of another project or owner",
        select(JOB.c.id, JOB.c.project, JOB.c.owner, JOB.c.parent)
        .join(_PARENT, _PARENT.c.id == JOB.c.parent)
        .where(or_(_PARENT.c.project != JOB.c.project, _PARENT.c.owner != JOB.c.owner)),
    ),
)
_SUCCESSOR: Final = TOKEN.alias("successor")
_REPLACED: Final = (
    select(TOKEN.c.id, TOKEN.c.account_id, _SUCCESSOR.c.account_id.label("successor_of"))
    .join(_SUCCESSOR, _SUCCESSOR.c.id == TOKEN.c.replaced_by)
    .where(_SUCCESSOR.c.account_id != TOKEN.c.account_id)
)
_NEXT: Final = RUNNER_PASS.alias("next")
_EXCHANGED: Final = (
    select(RUNNER_PASS.c.id, RUNNER_PASS.c.runner_id, _NEXT.c.runner_id.label("next_of"))
    .join(_NEXT, _NEXT.c.id == RUNNER_PASS.c.replaced_by)
    .where(_NEXT.c.runner_id != RUNNER_PASS.c.runner_id)
)
_RERUN: Final = (
    select(JOB.c.id, JOB.c.project, JOB_SPEC.c.spec)
    .join(JOB_SPEC, JOB_SPEC.c.job_id == JOB.c.id)
    .where(JOB_SPEC.c.spec.contains('"rerun_of":"', autoescape=True))
)


class SqlTenants:
    """Looks at the database as this connection's transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standings(self) -> list[Standing]:
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for query, many, last in ((_RUN, "running", "claimed_at"), (_WAIT, "waiting", "created_at")):
            for row in self._connection.execute(query):
                found.setdefault((row.project, row.owner), {}).update({many: row.many, last: row.last})
        return [Standing(project=project, owner=owner, **told) for (project, owner), told in found.items()]

    def crossings(self, limit: int) -> list[Crossing]:
        found = [each for table in _OF_PROJECTS for each in self._of_no_project(table, limit)]
        for told, query in _ELSEWHERE:
            rows = self._connection.execute(query.limit(limit)).mappings()
            found += [Crossing(f"job {dict(row)}", told) for row in rows]
        tokens = self._connection.execute(_REPLACED.limit(limit)).mappings()
        found += [Crossing(f"token {dict(row)}", "was replaced by one of another account") for row in tokens]
        passes = self._connection.execute(_EXCHANGED.limit(limit)).mappings()
        found += [Crossing(f"runner_pass {dict(row)}", "was exchanged for one of another runner") for row in passes]
        return [*found, *self._rerun(limit)]

    def _of_no_project(self, table: Any, limit: int) -> Iterator[Crossing]:
        known = select(PROJECT.c.name).where(PROJECT.c.name == table.c.project).exists()
        rows = self._connection.execute(select(*table.primary_key.columns, table.c.project).where(~known).limit(limit))
        for row in rows.mappings():
            yield Crossing(f"{table.name} {dict(row)}", f"there is no project {row['project']!r}")

    def _rerun(self, limit: int) -> list[Crossing]:
        olds: dict[str, tuple[str, str]] = {}
        for row in self._connection.execute(_RERUN):
            with suppress(*CANNOT):
                old = outline_of(row.spec).shown.rerun_of
                if old:
                    olds[row.id] = (row.project, old)
        rows = self._connection.execute(select(JOB.c.id, JOB.c.project)) if olds else ()
        whose = {row.id: row.project for row in rows}
        crossed = [(new, old) for new, (project, old) in olds.items() if whose.get(old, project) != project]
        return [Crossing(f"job {new}", f"is a rerun of {old}, of another project") for new, old in crossed[:limit]]
