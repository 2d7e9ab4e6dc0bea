"""How a use case is provided."""

from typing import Any

from dependency_injector import providers

from ..failpoints import Failpoints
from .observed import Observed, snake_case


def _around(failpoints: Failpoints, name: str, begin: Any) -> Any:
    return failpoints.around(name, begin)


def use_case(what: type, failpoints: Any, **ports: Any) -> providers.Singleton[Any]:
    """The use case with its ports, observed, its commits between failpoints."""
    if "begin" in ports:
        ports["begin"] = providers.Callable(_around, failpoints, snake_case(what.__name__), ports["begin"])
    return providers.Singleton(Observed, providers.Singleton(what, **ports))
