"""Lets requests in one by one: not too often, not too many at once, and not to try one token after another."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from typing import Final

import structlog
from litestar.types import HTTPScope

from ...domain.rates.rate import Rate, Taken
from .callers import Caller
from .known_tokens import KnownTokens
from .problems import Refused
from .terms import Terms

Headers = list[tuple[bytes, bytes]]

_ALWAYS_OPEN: Final = "/livez"
_BEHIND_AUTHENTICATION: Final = "/api/"
_LOG_IN: Final = "/api/v1/login"
_VARIABLES: Final = {
    "token": ("with this token", "RUNYARD_REQUESTS_PER_TOKEN", "RUNYARD_AT_ONCE_PER_TOKEN"),
    "address": ("from this address", "RUNYARD_REQUESTS_PER_ADDRESS", "RUNYARD_AT_ONCE_PER_ADDRESS"),
}

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Entry:
    """A request that was let in. `headers` tell the caller how much is left."""

    caller: Caller
    headers: Headers = field(default_factory=list)
    counted: list[str] = field(default_factory=list)


class Turnstile:
    """Used by the thread of the event loop alone."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._rates = terms.rates
        self._inside: Counter[str] = Counter()
        self._known = KnownTokens()

    def enter(self, scope: HTTPScope) -> Entry:
        """Counts the request, or refuses it with 429. Who has entered has to leave."""
        entry = Entry(Caller.of(scope))
        if scope["path"] == _ALWAYS_OPEN:
            return entry
        self._not_too_often(entry)
        self._not_guessing(entry.caller, logging_in=scope["path"] == _LOG_IN)
        self._not_too_many(entry)
        return entry

    def answered(self, entry: Entry, scope: HTTPScope, status: int) -> None:
        """The answer begins with this status: it says whether the token was a right one."""
        caller = entry.caller
        logging_in = scope["path"] == _LOG_IN
        if caller.token is None and not logging_in:
            return
        if status < 300:
            # Whoever logs in need not have a token: one that was sent along has not been looked at.
            if caller.token is not None and not logging_in and scope["path"].startswith(_BEHIND_AUTHENTICATION):
                self._known.add(caller.token)
        elif status == 401 and self._terms.failed_logins is not None:
            _log.warning("a token was refused", address=caller.address, token_id=caller.token_id)
            for name in _guessed(caller):
                self._rates.take(name, self._terms.failed_logins)

    def leave(self, entry: Entry) -> None:
        """The request is over, however it ended."""
        for name in entry.counted:
            self._inside[name] -= 1
            if not self._inside[name]:
                del self._inside[name]

    def _not_too_often(self, entry: Entry) -> None:
        policies, told = [], []
        for kind, key, rate in self._rated(entry.caller):
            taken = self._rates.take(f"{kind}:{key}", rate)
            policies.append(f'"{kind}";q={rate.most:.0f};w={ceil(rate.window)}')
            told.append(f'"{kind}";r={taken.left};t={ceil(taken.full)}')
            entry.headers = [
                (b"ratelimit-policy", ", ".join(policies).encode()),
                (b"ratelimit", ", ".join(told).encode()),
            ]
            if not taken.granted:
                whose, variable, _ = _VARIABLES[kind]
                detail = f"more than {rate.per_second:g} requests a second {whose}, after {rate.most:g} at once"
                raise _refused("rate-limited", f"{detail} ({variable})", taken, entry.headers)

    def _not_guessing(self, caller: Caller, *, logging_in: bool) -> None:
        rate = self._terms.failed_logins
        presented = caller.token is not None and caller.token not in self._known
        if rate is None or not (presented or logging_in):
            return
        for name in _guessed(caller):
            taken = self._rates.take(name, rate, 0)
            if taken.left < 1:
                detail = f"more than {rate.most:g} wrong tokens a minute (RUNYARD_FAILED_LOGINS_PER_MINUTE)"
                raise _refused("too-many-failed-logins", detail, taken)

    def _not_too_many(self, entry: Entry) -> None:
        most = {"token": self._terms.at_once_per_token, "address": self._terms.at_once_per_address}
        keys = {"token": entry.caller.token, "address": entry.caller.address}
        limits = {f"{kind}:{keys[kind]}": (kind, most[kind]) for kind in most if keys[kind]}
        for name, (kind, limit) in limits.items():
            if limit is not None and self._inside[name] >= limit:
                whose, _, variable = _VARIABLES[kind]
                detail = f"more than {limit} requests and streams at once {whose} ({variable})"
                raise _refused("too-many-at-once", detail, None, entry.headers)
        entry.counted = [*limits]
        self._inside.update(entry.counted)

    def _rated(self, caller: Caller) -> Iterator[tuple[str, str, Rate]]:
        if self._terms.per_address is not None:
            yield "address", caller.address, self._terms.per_address
        if self._terms.per_token is not None and caller.token is not None:
            yield "token", caller.token, self._terms.per_token


def _guessed(caller: Caller) -> Iterator[str]:
    yield f"failed:address:{caller.address}"
    if caller.token_id is not None:
        yield f"failed:token:{caller.token_id}"


def _refused(code: str, detail: str, taken: Taken | None, headers: Headers | None = None) -> Refused:
    seconds = max(1, ceil(taken.again)) if taken else 1
    refused = Refused(429, code, f"{detail}; try again in {seconds} s", Retry_After=str(seconds))
    refused.headers |= {name.decode(): value.decode() for name, value in headers or ()}
    return refused
