"""The one kind of error the core raises: a refusal, a stable code and a sentence."""

from enum import Enum
from typing import ClassVar


class Refusal(Enum):
    """Why something was not done. Edges translate it once, into a status or an exit code."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"


class RunyardError(Exception):
    """A refusal. `str(error)` is a sentence for people; `code` is public and never changes."""

    refusal: ClassVar[Refusal]
    code: ClassVar[str]
