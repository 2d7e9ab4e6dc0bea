"""One name for each request, told to the caller, to every problem and to every log line."""

import re
from typing import Final
from uuid import uuid4

from litestar.types import Scope

HEADER: Final = b"x-request-id"
_SANE: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_KEY: Final = "runyard_request_id"


def identify(scope: Scope) -> str:
    """The id the caller sent, if it is sane, else a new one; the same for the whole request."""
    state = scope.setdefault("state", {})
    if _KEY not in state:
        state[_KEY] = _sent(scope) or uuid4().hex
    return str(state[_KEY])


def _sent(scope: Scope) -> str | None:
    sent = [value for name, value in scope["headers"] if name.lower() == HEADER]
    return sent[0].decode() if len(sent) == 1 and _SANE.fullmatch(sent[0]) else None
