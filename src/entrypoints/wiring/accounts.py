"""The use cases of accounts."""

from dependency_injector import containers, providers

from ...application.accounts.create_project import CreateProject
from ...application.accounts.list_projects import ListProjects
from .providers import use_case


class AccountsUseCases(containers.DeclarativeContainer):
    """Each use case once."""

    adapters = providers.DependenciesContainer()
    _at = adapters.surroundings

    list_projects = use_case(ListProjects, _at, read=adapters.read)
    create_project = use_case(CreateProject, _at, begin=adapters.begin)
