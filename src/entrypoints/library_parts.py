"""Parts of a yard: to whom things belong, what is kept from everybody, and what is told of it all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, Unpack

from .client.accounts import Account, Token
from .client.audit import AuditEntry, AuditMeant
from .client.projects import Project
from .client.secrets import Rotation, Secret


class YardAudit(Protocol):
    """The audit trail of a yard."""

    def __call__(self, *, limit: int | None = None, **which: Unpack[AuditMeant]) -> Iterator[AuditEntry]:
        """The entries that are meant, newest first."""


class YardProjects(Protocol):
    """The projects of a yard."""

    def list(self) -> tuple[Project, ...]:
        """All of them, by name."""

    def create(self, name: str) -> Project:
        """A new project; jobs may be submitted into it from here on."""

    def members(self, project: str) -> Mapping[str, str]:
        """The role of each member, by name."""

    def set_role(self, project: str, account: str, role: str | None) -> None:
        """What an account is in the project; None is nothing any more."""


class YardAccounts(Protocol):
    """The accounts of a yard, of people and of programs."""

    def me(self) -> Mapping[str, Any]:
        """Who is calling, and what they may do."""

    def list(self) -> tuple[Account, ...]:
        """All of them, by name."""

    def get(self, name: str) -> Account:
        """The account of this name."""

    def create(
        self,
        name: str,
        *,
        kind: str = "user",
        email: str | None = None,
        password: str | None = None,
        instance_admin: bool = False,
    ) -> Account:
        """A new account, without a role anywhere."""

    def edit(
        self,
        name: str,
        *,
        email: str | None = None,
        disabled: bool | None = None,
        instance_admin: bool | None = None,
    ) -> Account:
        """Change what is given."""

    def set_password(self, name: str, new: str, *, old: str | None = None) -> None:
        """Set it; one's own needs the old one."""


class YardTokens(Protocol):
    """The tokens of a yard, as far as the caller may see them."""

    def list(self, *, account: str | None = None) -> tuple[Token, ...]:
        """One's own, or those of an account."""

    def create(
        self,
        *,
        account: str | None = None,
        name: str = "",
        scopes: Sequence[str] | None = None,
        expires_in: float | None = None,
    ) -> Token:
        """A new token; its `text` is seen here and never again."""

    def rotate(self, token_id: str, *, grace: float | None = None) -> Token:
        """A successor; the old one stays good for so many seconds, an hour unless given."""

    def revoke(self, token_id: str) -> None:
        """Good no more, everywhere, within five seconds."""


class YardSecrets(Protocol):
    """The secrets of a yard: values that jobs get and nobody reads."""

    def list(self, *, project: str = "default") -> tuple[Secret, ...]:
        """Those of the project by name; never values."""

    def set(self, name: str, value: str, *, project: str = "default") -> Secret:
        """Keep this value; attempts that start from now on get it."""

    def remove(self, name: str, *, project: str = "default") -> None:
        """Forget it; attempts that need it fail to start from now on."""

    def rotate_key(self, *, renew: bool = False) -> Rotation:
        """Seal everything anew under the newest key; with `renew` an embedded yard makes that key first."""
