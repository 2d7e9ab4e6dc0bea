"""Projects."""

from typing import Any, Final

from sqlalchemy import Connection, Row, Select, select

from ...domain.accounts.projects import Project, ProjectExists, ProjectNotFound
from .batch import insert_new
from .tables.projects import PROJECT

_ALL: Final[Select[Any]] = select(PROJECT).order_by(PROJECT.c.name)


class SqlProjects:
    """Projects, to read and to change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Project]:
        return [_project(row) for row in self._connection.execute(_ALL)]

    def get(self, name: str) -> Project:
        row = self._connection.execute(_ALL.where(PROJECT.c.name == name)).one_or_none() if "\0" not in name else None
        if row is None:
            raise ProjectNotFound(name)
        return _project(row)

    def add(self, project: Project) -> None:
        row = {"name": project.name, "created_at": project.created_at}
        if not insert_new(self._connection, PROJECT, "name", [row]):
            raise ProjectExists(project.name)


def _project(row: Row[Any]) -> Project:
    return Project(name=row.name, created_at=row.created_at)
