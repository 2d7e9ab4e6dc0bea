"""The projects of the service."""

from typing import Protocol

from ...domain.accounts.projects import Project


class ProjectReading(Protocol):
    """Projects as they are read."""

    def all(self) -> list[Project]:
        """Every project, by name."""

    def get(self, name: str) -> Project:
        """The project, or `ProjectNotFound`."""


class Projects(ProjectReading, Protocol):
    """Projects as use cases change them. Writes live and die with the unit of work; nothing is ever removed."""

    def add(self, project: Project) -> None:
        """Store a new project, or `ProjectExists`."""
