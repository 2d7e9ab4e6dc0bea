"""The facade of the library over the projects of this process."""

from collections.abc import Mapping
from typing import Any, Unpack

from ...application.accounts.create_project import CreateProjectCommand
from ...application.accounts.list_members import ListMembersCommand
from ...application.accounts.list_projects import ListProjectsCommand
from ...application.accounts.set_role import SetRoleCommand
from ...application.limits.change_limits import ChangeLimitsCommand
from ...application.limits.get_project import GetProjectCommand
from ...domain.accounts.permissions import Role
from ...domain.accounts.projects import Project as Stored
from ...domain.limits.limits import LimitKind
from ..client.errors import RunyardClientError
from ..client.projects import LimitFields, Project
from ..http.project_views import ProjectStatusView, ProjectView
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

    def get(self, name: str) -> Project:
        """The project, with its limits and how much of them is used."""
        with told():
            found = self._use_cases.get_project().execute(GetProjectCommand(name=name))
            return Project.of(ProjectStatusView.told(found).model_dump(mode="json"))

    def limit(self, name: str, *, owner: str | None = None, **limits: Unpack[LimitFields]) -> None:
        """Change limits of the whole project, of each `owner` in it (`*`), or of one."""
        changes = {kind: limits[kind.value] for kind in LimitKind if kind.value in limits}
        with told():
            self._use_cases.change_limits().execute(ChangeLimitsCommand(project=name, owner=owner, changes=changes))

    def members(self, project: str) -> Mapping[str, str]:
        """The role of each member, by name."""
        with told():
            found = self._use_cases.list_members().execute(ListMembersCommand(project=project))
        return {account.name: account.roles[project].value for account in found}

    def set_role(self, project: str, account: str, role: str | None) -> None:
        """What an account is in the project; None is nothing any more."""
        if role is not None and role not in set(Role):
            raise RunyardClientError(
                f"{role!r} is no role", code="bad-parameter", advice=f"Known are {', '.join(Role)}."
            )
        with told():
            command = SetRoleCommand(project=project, account=account, role=None if role is None else Role(role))
            self._use_cases.set_role().execute(command)


def _shown(project: Stored) -> Project:
    return Project.of(ProjectView.of(project).model_dump(mode="json"))
