"""Projects: list, create, look at, limit, and who is in them."""

from typing import Any

from litestar import Controller, Request, delete, get, patch, post, put
from litestar.params import FromPath, RawBody

from ...application.accounts.create_project import CreateProjectCommand
from ...application.accounts.list_members import ListMembersCommand
from ...application.accounts.list_projects import ListProjectsCommand
from ...application.accounts.set_role import SetRoleCommand
from ...application.limits.change_limits import ChangeLimitsCommand
from ...application.limits.get_project import GetProjectCommand
from ...domain.accounts.errors import InvalidAccount
from ...domain.accounts.projects import InvalidProject
from ...domain.limits.limits import InvalidLimits
from .account_bodies import ProjectBody, RoleBody
from .account_views import MembersView, MemberView
from .given import Everything
from .project_views import LimitsBody, OwnLimitsView, ProjectStatusView, ProjectsView, ProjectView
from .request_body import read_body


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

    @get("/{project:str}", sync_to_thread=True, operation_id="getProject", summary="Look at a project")
    def look(self, project: FromPath[str], provided: Everything) -> ProjectStatusView:
        """Its limits, those of the owners in it, and how much of them is used."""
        return ProjectStatusView.told(provided.accounts.get_project.execute(GetProjectCommand(name=project)))

    @patch("/{project:str}/limits", sync_to_thread=True, operation_id="changeLimits", summary="Change limits")
    def change_limits(
        self, request: Request[Any, Any, Any], project: FromPath[str], body: RawBody, provided: Everything
    ) -> OwnLimitsView:
        """How many jobs may wait, run and be submitted: of the project, of each owner in it, or of one.

        Counts everywhere within a second. What waits or runs already is not touched.
        """
        asked = read_body(request, body, LimitsBody, InvalidLimits)
        command = ChangeLimitsCommand(project=project, owner=asked.owner, changes=asked.changes)
        return OwnLimitsView.told(provided.accounts.change_limits.execute(command))

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
