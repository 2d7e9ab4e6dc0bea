"""Many rows in one statement.

PostgreSQL gets each column as one array, which it takes in a third of the time of a statement per row, and large
batches as a copy; SQLite runs the
statement row by row in this process, where a round trip costs nothing.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from psycopg import Error as DriverError
from psycopg import sql
from sqlalchemy import (
    Connection,
    Delete,
    Insert,
    Table,
    Update,
    and_,
    bindparam,
    column,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.selectable import TableValuedAlias

from .arrays import has_arrays

Rows = Sequence[Mapping[str, Any]]
Names = tuple[str, ...]

_VERSION: Final = "version"
_COPIED_FROM: Final = 200
"""So many rows and more are copied."""


def insert_all(connection: Connection, table: Table, rows: Rows) -> None:
    """Store new rows; all have the same columns."""
    if not rows:
        return
    if not has_arrays(connection):
        connection.execute(insert(table), [dict(row) for row in rows])
    elif len(rows) < _COPIED_FROM:
        connection.execute(_insert_arrays(table, tuple(rows[0])), _arrays(rows))
    else:
        _copy(connection, table, rows)


def insert_new(connection: Connection, table: Table, key: str, rows: Rows) -> set[Any]:
    """Store the rows whose key is not taken, in the order of their keys; the answer is which keys those were.

    PostgreSQL waits for the end of other transactions that insert the same keys.
    """
    if not rows:
        return set()
    if has_arrays(connection):
        statement, parameters = _insert_new_arrays(table, key, tuple(rows[0])), _arrays(rows)
        return set(connection.execute(statement, parameters).scalars())
    return set(connection.execute(_insert_new_rows(table, key), [dict(row) for row in rows]).scalars())


def update_all(connection: Connection, table: Table, keys: Names, rows: Rows) -> int:
    """Change the rows found by their keys and say how many there were; a `version` counts up."""
    if not rows:
        return 0
    names = tuple(rows[0])
    if has_arrays(connection):
        return connection.execute(_update_arrays(table, keys, names), _arrays(rows)).rowcount
    return connection.execute(_update_row(table, keys, names), _parameters(rows)).rowcount


def delete_all(connection: Connection, table: Table, rows: Rows) -> None:
    """Remove the rows with these values."""
    if not rows:
        return
    names = tuple(rows[0])
    if has_arrays(connection):
        connection.execute(_delete_arrays(table, names), _arrays(rows))
    else:
        connection.execute(_delete_row(table, names), _parameters(rows))


def _copy(connection: Connection, table: Table, rows: Rows) -> None:
    """By the driver's own means: twice as fast, but its values are those of the database's own types."""
    names = tuple(rows[0])
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    if not connection.in_transaction():
        connection.begin()  # what the driver does by itself would not be committed
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row([row[name] for name in names])
    except DriverError as error:
        raise DBAPIError.instance(None, None, error, DriverError, dialect=connection.dialect) from error


@lru_cache(64)
def _insert_arrays(table: Table, names: Names) -> Insert:
    rows = _given(table, names)
    return insert(table).from_select(list(names), select(*(rows.c[name] for name in names)))


@lru_cache(64)
def _insert_new_arrays(table: Table, key: str, names: Names) -> ReturningInsert[Any]:
    rows = _given(table, names)
    ordered = select(*(rows.c[name] for name in names)).order_by(rows.c[key])
    kept = postgresql.insert(table).from_select(list(names), ordered).on_conflict_do_nothing()
    return kept.returning(table.c[key])


@lru_cache(64)
def _insert_new_rows(table: Table, key: str) -> ReturningInsert[Any]:
    return sqlite.insert(table).on_conflict_do_nothing().returning(table.c[key])


@lru_cache(64)
def _update_arrays(table: Table, keys: Names, names: Names) -> Update:
    rows = _given(table, names)
    matched = and_(*(table.c[key] == rows.c[key] for key in keys))
    changed = {name: rows.c[name] for name in names if name not in keys}
    return update(table).where(matched).values(changed | _counted(table))


@lru_cache(64)
def _delete_arrays(table: Table, names: Names) -> Delete:
    rows = _given(table, names)
    return delete(table).where(and_(*(table.c[name] == rows.c[name] for name in names)))


@lru_cache(64)
def _update_row(table: Table, keys: Names, names: Names) -> Update:
    matched = and_(*(table.c[key] == bindparam(f"p_{key}") for key in keys))
    changed: dict[str, Any] = {name: bindparam(f"p_{name}") for name in names if name not in keys}
    return update(table).where(matched).values(changed | _counted(table))


@lru_cache(64)
def _delete_row(table: Table, names: Names) -> Delete:
    return delete(table).where(and_(*(table.c[name] == bindparam(f"p_{name}") for name in names)))


def _counted(table: Table) -> dict[str, Any]:
    return {_VERSION: table.c[_VERSION] + 1} if _VERSION in table.c else {}


def _given(table: Table, names: Names) -> TableValuedAlias:
    """The rows, handed over as one array per column."""
    arrays = [bindparam(f"p_{name}", type_=ARRAY(table.c[name].type)) for name in names]
    columns = [column(name, table.c[name].type) for name in names]
    return func.unnest(*arrays).table_valued(*columns, name="given").render_derived()


def _arrays(rows: Rows) -> dict[str, list[Any]]:
    return {f"p_{name}": [row[name] for row in rows] for name in rows[0]}


def _parameters(rows: Rows) -> list[dict[str, Any]]:
    return [{f"p_{name}": value for name, value in row.items()} for row in rows]
