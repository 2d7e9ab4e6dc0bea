"""Rows that cannot be read: each table by itself, a page at a time, each row as those read it who need it."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, Table, and_, or_, select

from ...application.ports.books import Unreadable
from ...domain.errors import InvalidFields
from .audit import entry_of
from .documents import outline_of, spec_of
from .lanes import lane_of
from .limits import limits_of
from .rows import attempt_of, job_of
from .runners import runner_of
from .tables.audit import AUDIT
from .tables.jobs import ATTEMPT, JOB, JOB_SPEC, LANE
from .tables.limits import PROJECT_LIMIT
from .tables.runners import RUNNER

_PAGE: Final = 50
CANNOT: Final = (ValueError, KeyError, TypeError, AttributeError, InvalidFields)
"""What reading a row that is wrong may end with."""


def _specification(row: Row[Any]) -> object:
    return outline_of(row.spec), spec_of(row.spec, row.rest)


_READ: Final[tuple[tuple[Table, Callable[[Row[Any]], object]], ...]] = (
    (JOB, lambda row: job_of(row, None)),
    (JOB_SPEC, _specification),
    (ATTEMPT, attempt_of),
    (LANE, lane_of),
    (RUNNER, runner_of),
    (PROJECT_LIMIT, limits_of),
    (AUDIT, entry_of),
)


class SqlRows:
    """Looks at the database as this connection's transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unreadable(self, limit: int) -> list[Unreadable]:
        return [each for table, read in _READ for each in self._of(table, read, limit)]

    def _of(self, table: Table, read: Callable[[Row[Any]], object], limit: int) -> list[Unreadable]:
        found: list[Unreadable] = []
        for row in self._rows(table):
            why = cannot(read, row)
            if why is not None:
                found.append(Unreadable(f"{table.name} {'/'.join(map(str, _key(table, row)))}", why))
                if len(found) == limit:
                    break
        return found

    def _rows(self, table: Table) -> Iterator[Row[Any]]:
        columns = list(table.primary_key.columns)
        page: Select[Any] = select(table).order_by(*columns).limit(_PAGE)
        rows = self._connection.execute(page).all()
        while rows:
            yield from rows
            last = _key(table, rows[-1])
            behind = [
                and_(*(columns[at] == last[at] for at in range(place)), columns[place] > last[place])
                for place in range(len(columns))
            ]
            rows = self._connection.execute(page.where(or_(*behind))).all() if len(rows) == _PAGE else []


def cannot(read: Callable[[Row[Any]], object], row: Row[Any]) -> str | None:
    """Why the row cannot be read, or None: it can. What these errors say repeats no text of a job."""
    try:
        read(row)
    except CANNOT as error:
        return f"{type(error).__name__}: {error}"
    return None


def _key(table: Table, row: Row[Any]) -> list[Any]:
    return [getattr(row, column.name) for column in table.primary_key.columns]
