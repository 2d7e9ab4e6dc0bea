"""The use cases of accounts, as the door needs them."""

from dataclasses import dataclass

from ...application.accounts.create_project import CreateProjectCommand
from ...application.accounts.list_projects import ListProjectsCommand
from ...application.ports.calling import UseCase
from ...domain.accounts.projects import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedAccounts:
    """Ready-made use cases."""

    list_projects: UseCase[ListProjectsCommand, list[Project]]
    create_project: UseCase[CreateProjectCommand, Project]
