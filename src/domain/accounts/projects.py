"""Projects: the tenants. Every job, queue, key and runner belongs to one."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..errors import FieldProblem, InvalidFields, Refusal, RunyardError

DEFAULT_PROJECT: Final = "default"
"""The project of what nobody put into another one. It is always there."""

PROJECT_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
PROJECT_RULE: Final = "must be 1 to 63 lower-case letters, digits or '-', a letter or digit first"
MARK: Final = "\x01"


class InvalidProject(InvalidFields):
    """A project cannot have these values; `problems` names each one."""

    code = "invalid-project"


class ProjectNotFound(RunyardError):
    """There is no such project, as far as the caller may know."""

    refusal = Refusal.NOT_FOUND
    code = "project-not-found"

    def __init__(self, project: str) -> None:
        super().__init__(f"no project is called {project!r}; `GET /api/v1/projects` lists those there are")


class ProjectExists(RunyardError):
    """There is a project of this name already."""

    refusal = Refusal.CONFLICT
    code = "project-exists"

    def __init__(self, project: str) -> None:
        super().__init__(f"there is already a project called {project!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A tenant. Its name is its identity and never changes; a wrong one raises `InvalidProject`."""

    name: str
    created_at: datetime

    def __post_init__(self) -> None:
        if not PROJECT_NAME.fullmatch(self.name):
            raise InvalidProject([FieldProblem("/name", PROJECT_RULE)])


def within(project: str, text: str) -> str:
    """A name of the project that no name of another one equals.

    Those of the default project stay as they are, as they were stored before there were others.
    """
    if project == DEFAULT_PROJECT and not text.startswith(MARK):
        return text
    return f"{MARK}{project}{MARK}{text}"


def apart(name: str) -> tuple[str, str]:
    """The project and the text of such a name."""
    if not name.startswith(MARK):
        return DEFAULT_PROJECT, name
    project, _, text = name[len(MARK) :].partition(MARK)
    return project, text
