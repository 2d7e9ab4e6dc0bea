"""The facade of the library over the projects of this process."""

from typing import Any

from ..application.accounts.create_project import CreateProjectCommand
from ..application.accounts.list_projects import ListProjectsCommand
from ..domain.accounts.projects import Project as Stored
from .client.projects import Project
from .http.projects import ProjectView
from .refusals import told


class EmbeddedProjects:
    """The projects of an embedded yard. `use_cases` is the container that has them."""

    def __init__(self, use_cases: Any) -> None:
        self._use_cases = use_cases

    def list(self) -> tuple[Project, ...]:
        """All of them, by name."""
        with told():
            return tuple(map(_shown, self._use_cases.list_projects().execute(ListProjectsCommand())))

    def create(self, name: str) -> Project:
        """A new project; jobs may be submitted into it from here on."""
        with told():
            return _shown(self._use_cases.create_project().execute(CreateProjectCommand(name=name)))


def _shown(project: Stored) -> Project:
    return Project.of(ProjectView.of(project).model_dump(mode="json"))
