"""Secrets of a project: values that jobs may use and nobody may read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ..errors import FieldProblem, InvalidFields, Refusal, RunyardError
from .sealing import Place

MIN_VALUE_BYTES: Final = 8
MAX_VALUE_BYTES: Final = 16 << 10
MOST_SECRETS: Final = 1000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class InvalidSecret(InvalidFields):
    """A secret that cannot be kept; `problems` names what is wrong, never the value."""

    code = "invalid-secret"


class SecretNotFound(RunyardError):
    """The project has no secret of this name."""

    refusal = Refusal.NOT_FOUND
    code = "secret-not-found"

    def __init__(self, project: str, name: str) -> None:
        super().__init__(
            f"the project {project!r} has no secret {name!r}; `GET /api/v1/secrets` lists the names there are"
        )


class SecretGone(RunyardError):
    """A job needs a secret that its project had when the job was submitted."""

    refusal = Refusal.CONFLICT
    code = "secret-gone"

    def __init__(self, project: str, name: str) -> None:
        super().__init__(
            f"the secret {name!r} of the project {project!r} was removed after the job was submitted; "
            "set it again, then run the job again"
        )


class TooManySecrets(RunyardError):
    """The project has as many secrets as it may."""

    refusal = Refusal.CONFLICT
    code = "too-many-secrets"

    def __init__(self, project: str) -> None:
        super().__init__(f"the project {project!r} has {MOST_SECRETS} secrets already; remove one first")


@dataclass(frozen=True, slots=True)
class SecretValue:
    """The text itself. It prints as nothing, and is short-lived: to be kept it is sealed."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        problems = list(_value_problems(self.text))
        if problems:
            raise InvalidSecret(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """All that may be known of a secret. `version` grows each time it is set."""

    project: str
    name: str
    version: int
    set_at: datetime
    set_by: str

    @property
    def place(self) -> Place:
        """Where its value is kept."""
        return place_of(self.project, self.name)


def place_of(project: str, name: str) -> Place:
    """Where the value of a secret is kept."""
    return Place("secret", (project, name))


def is_secret_name(name: str) -> bool:
    """Whether a secret can be called so."""
    return _NAME.fullmatch(name) is not None


def checked_name(name: str) -> str:
    """The name, or `InvalidSecret`."""
    if not is_secret_name(name):
        told = "must be 1 to 63 letters, digits, '.', '_' or '-', a letter or digit first"
        raise InvalidSecret([FieldProblem("/name", told)])
    return name


def _value_problems(text: str) -> Iterator[FieldProblem]:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        yield FieldProblem("/value", "is not valid Unicode text; write other bytes in base64")
        return
    if "\0" in text:
        yield FieldProblem("/value", "holds a NUL, which no variable can; write such bytes in base64")
    if size > MAX_VALUE_BYTES:
        yield FieldProblem("/value", f"is {size} bytes; at most {MAX_VALUE_BYTES} are kept")
    elif len(text.strip().encode()) < MIN_VALUE_BYTES:
        yield FieldProblem(
            "/value", f"has fewer than {MIN_VALUE_BYTES} bytes: so short a value cannot be masked in output"
        )
