"""Projects: list, create."""

from typing import Any, Self

from litestar import Controller, Request, delete, get, post, put
from litestar.params import FromPath, RawBody

from ...application.accounts.create_project import CreateProjectCommand
from ...application.accounts.list_members import ListMembersCommand
from ...application.accounts.list_projects import ListProjectsCommand
from ...application.accounts.set_role import SetRoleCommand
from ...domain.accounts.errors import InvalidAccount
from ...domain.accounts.projects import InvalidProject, Project
from .account_bodies import ProjectBody, RoleBody
from .account_views import MembersView, MemberView
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

    @get("/{project:str}/members", sync_to_thread=True, operation_id="listMembers", summary="List members")
    def members(self, project: FromPath[str], provided: Everything) -> MembersView:
        """Who has a role in the project, by name."""
        found = provided.accounts.list_members.execute(ListMembersCommand(project=project))
        return MembersView(items=[MemberView.of(account, project) for account in found])

    @put("/{project:str}/members/{account:str}", sync_to_thread=True, operation_id="setRole", summary="Set a role")
    def set_role(
        self,
        request: Request[Any, Any, Any],
        project: FromPath[str],
        account: FromPath[str],
        body: RawBody,
        provided: Everything,
    ) -> MemberView:
        """What an account is in the project from now on: within seconds, for tokens in use too."""
        asked = read_body(request, body, RoleBody, InvalidAccount)
        command = SetRoleCommand(project=project, account=account, role=asked.role)
        return MemberView.of(provided.accounts.set_role.execute(command), project)

    @delete("/{project:str}/members/{account:str}", sync_to_thread=True, operation_id="removeRole", summary="Remove it")
    def remove_role(self, project: FromPath[str], account: FromPath[str], provided: Everything) -> None:
        """The account has no part in the project any more. Its jobs stay."""
        provided.accounts.set_role.execute(SetRoleCommand(project=project, account=account, role=None))
