"""On what terms requests are let in."""

from dataclasses import dataclass, field

from ...application.ports.rates import Rates
from ...domain.rates.rate import Rate, Taken
from .hosts import Hosts


class Unlimited:
    """Rates that let everybody through."""

    def take(self, name: str, rate: Rate, amount: float = 1.0) -> Taken:  # noqa: ARG002 - whoever it is
        return Taken(granted=True, left=int(rate.most), again=0.0, full=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`None` is no limit. `origins`: the web pages of others that may use the API from a browser."""

    hosts: Hosts = field(default_factory=Hosts)
    origins: frozenset[str] = frozenset()
    rates: Rates = field(default_factory=Unlimited)
    per_token: Rate | None = None
    per_address: Rate | None = None
    failed_logins: Rate | None = None
    at_once_per_token: int | None = None
    at_once_per_address: int | None = None
