"""Accounts: people and programs that ask for something."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from ..errors import FieldProblem
from ..labels import text_problems
from .access import OPERATING_ACCOUNT, Actor
from .errors import InvalidAccount
from .ids import AccountId
from .permissions import Role
from .tokens import Token

ACCOUNT_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
LEAST_PASSWORD: Final = 12
MOST_PASSWORD: Final = 1024


class AccountKind(StrEnum):
    """A person, who may log in with a password; or a program, which has tokens only."""

    USER = "user"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Its name never changes, and is never given to another: jobs say by it whose they are.

    `roles` are by project. Wrong values raise `InvalidAccount`.
    """

    id: AccountId
    name: str
    kind: AccountKind
    created_at: datetime
    email: str | None = None
    password_hash: str | None = field(default=None, repr=False)
    instance_admin: bool = False
    roles: Mapping[str, Role] = field(default_factory=dict)
    disabled_at: datetime | None = None

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise InvalidAccount(problems)

    def with_role(self, project: str, role: Role | None) -> Self:
        """In this role in the project; None is none."""
        others = {name: each for name, each in self.roles.items() if name != project}
        return replace(self, roles=others if role is None else {**others, project: role})

    def disabled(self, *, now: datetime) -> Self:
        """Shut out: none of its tokens opens the door any more."""
        return self if self.disabled_at else replace(self, disabled_at=now)

    def enabled(self) -> Self:
        """Let in again."""
        return replace(self, disabled_at=None)

    def acting(self, token: Token) -> Actor:
        """Whoever presents this token of the account."""
        return Actor(
            name=self.name,
            kind=self.kind.value,
            account=self.id,
            roles=self.roles,
            instance_admin=self.instance_admin,
            scopes=token.scopes,
            token=token.id,
        )


def check_password(password: str) -> None:
    """`InvalidAccount` unless it is one to protect an account with. It is not repeated."""
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise InvalidAccount([FieldProblem("/password", f"must have {LEAST_PASSWORD} to {MOST_PASSWORD} characters")])


def _problems(account: Account) -> Iterator[FieldProblem]:
    if not ACCOUNT_NAME.fullmatch(account.name):
        rule = "must be 1 to 63 lower-case letters, digits, '.', '_' or '-', a letter or digit first"
        yield FieldProblem("/name", rule)
    if account.name == OPERATING_ACCOUNT.name:
        yield FieldProblem("/name", f"{account.name!r} is whoever holds the admin token")
    if account.email is not None:
        yield from text_problems("/email", account.email, most=254)
        if not _EMAIL.fullmatch(account.email):
            yield FieldProblem("/email", "must be an address, as in ada@example.org")
    if account.kind is AccountKind.SERVICE and account.password_hash is not None:
        yield FieldProblem("/password", "a program has tokens, and no password")
