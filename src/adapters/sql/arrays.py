"""Lists as one parameter, so that the text of a statement never depends on how many there are."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, any_, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from .columns import KEY, TEXT


def has_arrays(connection: Connection) -> bool:
    """Whether this is PostgreSQL; SQLite gets lists as JSON."""
    return connection.dialect.name == "postgresql"


def among(key: ColumnElement[str], name: str, *, arrays: bool) -> ColumnElement[bool]:
    """The condition that the key is one of the list bound to `name`."""
    if arrays:
        return key == any_(bindparam(name, type_=ARRAY(KEY)))
    listed = func.json_each(bindparam(name, type_=TEXT)).table_valued("value")
    return key.in_(select(column("value")).select_from(listed))


def listed(connection: Connection, values: Collection[str], *, any_text: bool = False) -> Any:
    """The values, to bind to the name of `among`; without those that no id can be and no database would take.

    With `any_text` they are no ids, and have been checked.
    """
    values = [value for value in values if any_text or (value.isascii() and "\0" not in value)]
    return values if has_arrays(connection) else json.dumps(values)
