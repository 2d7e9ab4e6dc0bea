"""What we log in with at a host, as far as the store keeps it: sealed, and shown to nobody."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Self

from ..errors import FieldProblem
from ..secrets.sealing import Place
from .errors import InvalidRunner
from .ids import RunnerId

MAX_KEY_BYTES: Final = 32 << 10
MAX_PASSWORD_BYTES: Final = 1024


class KeptKind(StrEnum):
    """What is kept."""

    KEY = "key"
    PASSWORD = "password"  # noqa: S105 - the word, not one


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLogin:
    """All that may be known of it: of a key its type and fingerprint. `version` grows each time it is given anew."""

    kind: KeptKind
    fingerprint: str | None = None
    version: int = 1

    @property
    def told(self) -> str:
        """What it is, for people."""
        return f"the key that is kept, {self.fingerprint}" if self.kind is KeptKind.KEY else "the password that is kept"

    def after(self, before: Self | None) -> Self:
        """The same in place of what was kept until now."""
        return self if before is None else replace(self, version=before.version + 1)


@dataclass(frozen=True, slots=True)
class LoginSecret:
    """A private key or a password. It prints as nothing, and is short-lived: to be kept it is sealed."""

    kind: KeptKind
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        most = MAX_KEY_BYTES if self.kind is KeptKind.KEY else MAX_PASSWORD_BYTES
        where = "/key/private" if self.kind is KeptKind.KEY else "/key/password"
        try:
            size = len(self.text.encode())
        except UnicodeEncodeError:
            raise InvalidRunner([FieldProblem(where, "is not valid Unicode text")]) from None
        if not 1 <= size <= most or "\0" in self.text:
            raise InvalidRunner([FieldProblem(where, f"must be 1 to {most} bytes of text, without a NUL")])


def login_place(runner_id: RunnerId) -> Place:
    """Where the login of a runner is kept."""
    return Place("login", (runner_id,))
