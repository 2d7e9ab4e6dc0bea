"""Projects."""

from ...domain.accounts.projects import Project, ProjectExists, ProjectNotFound
from .state import State


class MemoryProjects:
    """Projects, to read and to change."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[Project]:
        return [project for _, project in sorted(self._state.projects.items())]

    def get(self, name: str) -> Project:
        if name not in self._state.projects:
            raise ProjectNotFound(name)
        return self._state.projects[name]

    def add(self, project: Project) -> None:
        if project.name in self._state.projects:
            raise ProjectExists(project.name)
        self._state.projects[project.name] = project
