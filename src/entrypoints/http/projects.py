"""Projects: list, create."""

from typing import Any, Self

from litestar import Controller, Request, get, post
from litestar.params import RawBody

from ...application.accounts.create_project import CreateProjectCommand
from ...application.accounts.list_projects import ListProjectsCommand
from ...domain.accounts.projects import InvalidProject, Project
from .account_bodies import ProjectBody
from .given import Everything
from .request_body import read_body
from .spec_views import Moment, View


class ProjectView(View):
    """A tenant: what belongs to it is seen and touched by its members only."""

    name: str
    created_at: Moment

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls(name=project.name, created_at=project.created_at)


class ProjectsView(View):
    """Projects, by name."""

    items: list[ProjectView]


class ProjectsController(Controller):
    """Projects."""

    path = "/projects"
    tags = ("accounts",)

    @get(sync_to_thread=True, operation_id="listProjects", summary="List projects")
    def list_of_projects(self, provided: Everything) -> ProjectsView:
        """Those there are, by name."""
        found = provided.accounts.list_projects.execute(ListProjectsCommand())
        return ProjectsView(items=[ProjectView.of(project) for project in found])

    @post(sync_to_thread=True, operation_id="createProject", summary="Create a project")
    def create(self, request: Request[Any, Any, Any], body: RawBody, provided: Everything) -> ProjectView:
        """A new tenant. It is never removed, and its name never changes."""
        asked = read_body(request, body, ProjectBody, InvalidProject)
        return ProjectView.of(provided.accounts.create_project.execute(CreateProjectCommand(name=asked.name)))
