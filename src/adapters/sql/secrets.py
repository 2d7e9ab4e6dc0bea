"""Secrets: what may be known of them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from ...domain.secrets.secret import Secret
from .arrays import among, has_arrays, listed
from .documents import sentence
from .tables.secrets import SECRET


class SqlSecrets:
    """Secrets, to read and to change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, project: str) -> list[Secret]:
        rows = self._connection.execute(select(SECRET).where(SECRET.c.project == project).order_by(SECRET.c.name))
        return [secret_of(row) for row in rows]

    def known(self, project: str, names: Collection[str]) -> frozenset[str]:
        condition = among(SECRET.c.name, "names", arrays=has_arrays(self._connection))
        found = select(SECRET.c.name).where(SECRET.c.project == project, condition)
        return frozenset(self._connection.execute(found, {"names": listed(self._connection, names)}).scalars())

    def set(self, project: str, name: str, *, by: str, at: datetime) -> Secret:
        rest = {"set_at": at, "set_by": sentence(by)}
        insert = postgresql.insert if has_arrays(self._connection) else sqlite.insert
        first = insert(SECRET).values(project=project, name=name, version=1, **rest)
        following = first.on_conflict_do_update(
            index_elements=[SECRET.c.project, SECRET.c.name], set_={"version": SECRET.c.version + 1, **rest}
        )
        return secret_of(self._connection.execute(following.returning(SECRET)).one())

    def remove(self, project: str, name: str) -> bool:
        there = (SECRET.c.project == project) & (SECRET.c.name == name)
        return self._connection.execute(delete(SECRET).where(there)).rowcount == 1


def secret_of(row: Row[Any]) -> Secret:
    return Secret(project=row.project, name=row.name, version=row.version, set_at=row.set_at, set_by=row.set_by)
