"""The use cases of runners."""

from dependency_injector import containers, providers

from ...application.runners.adopt_runner import AdoptRunner
from ...application.runners.register_runner import RegisterRunner
from ...application.runners.renew_driver import RenewDriver
from .providers import use_case


class RunnersUseCases(containers.DeclarativeContainer):
    """Each use case once."""

    adapters = providers.DependenciesContainer()

    register_runner = use_case(
        RegisterRunner, adapters.failpoints, begin=adapters.begin, identifiers=adapters.identifiers
    )
    adopt_runner = use_case(AdoptRunner, adapters.failpoints, begin=adapters.begin)
    renew_driver = use_case(RenewDriver, adapters.failpoints, begin=adapters.begin)
