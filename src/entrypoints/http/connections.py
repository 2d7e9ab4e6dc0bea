"""How many connections there may be, and how slow they may be."""

from collections import Counter
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from .problems import Refused

Networks = tuple[IPv4Network | IPv6Network, ...]

_THIS_MACHINE: Final[Networks] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTerms:
    """`shared`: addresses many come from, such as those of proxies; they have no limit of their own.

    A head has to be there within `head_seconds`, a body within `body_seconds` and as long again as it takes at
    `body_bytes_per_second`; whoever takes nothing of his answer for `stuck_seconds` is left.
    """

    most: int = 800
    most_per_address: int = 400
    shared: Networks = field(default=())
    head_seconds: float = 10.0
    body_seconds: float = 20.0
    body_bytes_per_second: int = 4096
    stuck_seconds: float = 60.0
    most_head_bytes: int = 32 << 10
    most_headers: int = 100


class Connections:
    """Those that are open. Used by the thread of the event loop alone."""

    def __init__(self, terms: ConnectionTerms) -> None:
        self.terms = terms
        self._shared = _THIS_MACHINE + terms.shared
        self._all = 0
        self._from: Counter[str] = Counter()

    def come(self, address: str) -> Refused | None:
        """Counts one more from there, in any case; the answer is why it cannot stay, if so."""
        self._all += 1
        self._from[address] += 1
        if self._all > self.terms.most:
            detail = f"this server holds {self.terms.most} connections already (RUNYARD_CONNECTIONS)"
            return Refused(503, "too-many-connections", detail, Retry_After="1")
        if self._from[address] > self.terms.most_per_address and not self._is_shared(address):
            detail = f"{self.terms.most_per_address} connections come from this address already"
            detail += " (RUNYARD_CONNECTIONS_PER_ADDRESS)"
            return Refused(503, "too-many-connections", detail, Retry_After="1")
        return None

    def go(self, address: str) -> None:
        """One from there is gone."""
        self._all -= 1
        self._from[address] -= 1
        if not self._from[address]:
            del self._from[address]

    @property
    def crowded(self) -> bool:
        """Whether there is no time for courtesy."""
        return self._all > self.terms.most + 50

    def _is_shared(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return True  # not from a network at all
        return any(parsed in network for network in self._shared)
