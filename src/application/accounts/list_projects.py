"""List projects."""

from dataclasses import dataclass

from ...domain.accounts.projects import Project
from ..ports.work import Begin, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ListProjectsCommand:
    """Those of these names; all if none are given."""

    projects: frozenset[str] | None = None


class ListProjects:
    """Reads the projects there are."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, command: ListProjectsCommand) -> list[Project]:
        """The projects, by name."""
        with self._read() as reading:
            return [
                each for each in reading.projects.all() if command.projects is None or each.name in command.projects
            ]
