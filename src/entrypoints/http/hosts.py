"""Which names this server answers to: a page of somebody else must not reach it under a name of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Self

from litestar.types import HTTPScope

from .headers import sent, sent_once
from .problems import Refused

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to
_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?", re.ASCII)
_NAMED: Final = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Names and addresses; `*.example.org` stands for every name below it, `*` for all there are.

    `any_address`: also every address that is written as a number, as no name can be made to point to it.
    """

    names: frozenset[str] = _LOOPBACK
    any_address: bool = False

    @classmethod
    def of(cls, bound: str, more: Sequence[str]) -> Self:
        """The names of this machine for itself, the address it is bound to (every one if that is all), and more."""
        return cls(_LOOPBACK | {_canonical(bound), *map(_canonical, more)}, any_address=bound in _EVERYWHERE)

    def refusal(self, scope: HTTPScope) -> Refused | None:
        """Why this request is not for us, if it is not."""
        if scope["http_version"] == "1.0" and not sent(scope, b"host"):
            return None  # a browser always says whom it means
        named = sent_once(scope, b"host") or b""
        found = _HOST.fullmatch(named.decode("latin-1").lower())
        if found is None:
            return Refused(400, "bad-host", "a request needs one `Host` header with a name or an address")
        host = found[1] or found[2].rstrip(".")
        if self._knows(host):
            return None
        return Refused(
            421, "unknown-host", f"this server does not answer to {host}; if it should, add it to RUNYARD_ALLOWED_HOSTS"
        )

    def _knows(self, host: str) -> bool:
        if "*" in self.names or _canonical(host) in self.names:
            return True
        if self.any_address and _address(host) is not None:
            return True
        parents = host.split(".")
        return any("*." + ".".join(parents[depth:]) in self.names for depth in range(1, len(parents)))


def is_host(text: str) -> bool:
    """Whether this may stand in `RUNYARD_ALLOWED_HOSTS`."""
    return _NAMED.fullmatch(text.lower()) is not None or _address(text) is not None


def _canonical(host: str) -> str:
    return str(_address(host) or host.lower().rstrip("."))


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
