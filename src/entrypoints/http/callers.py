"""Who sends a request, as far as it can be told before anybody has looked at the token."""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Final, Self

from litestar.types import HTTPScope

from .headers import sent

_TOKEN_ID: Final = re.compile(rb"(?i:bearer) +(ry[a-z]*_[A-Za-z0-9]{1,64})_.+", re.ASCII)
_HOUSE_BITS: Final = 64
"""Who has one address of IPv6 has them all, up to here."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`token` is a digest of what was presented, right or wrong; `token_id` the part of it that is no secret."""

    address: str
    token: str | None
    token_id: str | None

    @classmethod
    def of(cls, scope: HTTPScope) -> Self:
        """The sender of this request. Behind a proxy that is trusted, the one it names."""
        client = scope["client"]
        presented = b",".join(sent(scope, b"authorization"))
        named = _TOKEN_ID.fullmatch(presented)
        return cls(
            address=_house(client[0]) if client else "unknown",
            token=sha256(presented).hexdigest()[:32] if presented else None,
            token_id=named[1].decode() if named else None,
        )


@lru_cache(maxsize=4096)
def _house(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> _HOUSE_BITS << _HOUSE_BITS)}/{_HOUSE_BITS}"
