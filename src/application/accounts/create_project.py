"""Create a project."""

from dataclasses import dataclass

from ...domain.accounts.projects import Project
from ..ports.work import Begin, ProjectsWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProjectCommand:
    """What it shall be called."""

    name: str


class CreateProject:
    """Makes a tenant: from here on jobs may be submitted into it."""

    def __init__(self, begin: Begin[ProjectsWork]) -> None:
        self._begin = begin

    def execute(self, command: CreateProjectCommand) -> Project:
        """The project, or `ProjectExists`, or `InvalidProject`."""
        with self._begin() as work:
            project = Project(name=command.name, created_at=work.now())
            work.projects.add(project)
            work.commit()
        return project
