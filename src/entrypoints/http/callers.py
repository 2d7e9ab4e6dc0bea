"""Who sends a request, as far as it can be told before anybody has looked at the token."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from litestar.types import HTTPScope

from ...domain.accounts.addresses import UNKNOWN, house
from .headers import sent

_TOKEN_ID: Final = re.compile(rb"(?i:bearer) +(ry[a-z]*_[A-Za-z0-9]{1,64})_.+", re.ASCII)


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
            address=house(client[0]) if client else UNKNOWN,
            token=sha256(presented).hexdigest()[:32] if presented else None,
            token_id=named[1].decode() if named else None,
        )
