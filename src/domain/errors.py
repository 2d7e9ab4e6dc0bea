"""The one kind of error the core raises: a refusal, a stable code and a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class Refusal(Enum):
    """Why something was not done. Edges translate it once, into a status or an exit code."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"


class RunyardError(Exception):
    """A refusal. `str(error)` is a sentence for people; `code` is public and never changes."""

    refusal: ClassVar[Refusal]
    code: ClassVar[str]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One wrong field: `pointer` is a JSON pointer into the submitted body."""

    pointer: str
    detail: str


def pointer_to(parent: str, key: str) -> str:
    """The JSON pointer to a key of what `parent` points to."""
    escaped = key.replace("~", "~0").replace("/", "~1")
    return f"{parent}/{escaped.encode(errors='backslashreplace').decode()}"


class InvalidFields(RunyardError):
    """Values that cannot be taken; `problems` names each one."""

    refusal = Refusal.INVALID
    code = "invalid-fields"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{each.pointer}: {each.detail}" if each.pointer else each.detail for each in problems)
        )
