"""How a use case is provided."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dependency_injector import providers

from ...application.audit.audited import audited
from ...application.runners.eventful import eventful
from ..failpoints import Failpoints
from ..metering import Meter, metered
from .observed import Observed, snake_case


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is put around every use case: failpoints for tests, a meter for operators, the audit trail, events."""

    failpoints: Failpoints
    meter: Meter

    def around(self, name: str, begin: Callable[[], Any]) -> Callable[[], Any]:
        """The same `begin`, its commits told by the audit trail and as events, counted, and between failpoints."""
        return audited(eventful(metered(self.failpoints.around(name, begin), self.meter)))


def _around(at: Surroundings, name: str, begin: Any) -> Any:
    return at.around(name, begin)


def use_case(what: type, at: Any, **ports: Any) -> providers.Singleton[Any]:
    """The use case with its ports, in the surroundings that the provider `at` gives, observed."""
    if "begin" in ports:
        ports["begin"] = providers.Callable(_around, at, snake_case(what.__name__), ports["begin"])
    return providers.Singleton(Observed, providers.Singleton(what, **ports), meter=at.provided.meter)
