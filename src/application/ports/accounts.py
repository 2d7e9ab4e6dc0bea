"""The accounts of the service, and their tokens."""

from typing import Protocol

from ...domain.accounts.account import Account
from ...domain.accounts.ids import AccountId, TokenId
from ...domain.accounts.tokens import Token, TokenText


class AccountReading(Protocol):
    """Accounts as they are read, each with its roles."""

    def all(self) -> list[Account]:
        """Every account, by name."""

    def get(self, account_id: AccountId) -> Account | None:
        """The account, or None: there is none."""

    def named(self, name: str) -> Account:
        """The account of this name, or `AccountNotFound`."""


class Accounts(AccountReading, Protocol):
    """Accounts as use cases change them. Writes live and die with the unit of work; `named` locks what it finds."""

    def add(self, account: Account) -> None:
        """Store a new account, or `AccountExists`."""

    def save(self, account: Account) -> None:
        """Store the values of an account that is locked, or `AccountNotFound`."""


class TokenReading(Protocol):
    """Tokens as they are read."""

    def get(self, token_id: TokenId) -> Token:
        """The token, or `TokenNotFound`."""

    def of(self, account_id: AccountId) -> list[Token]:
        """All tokens of the account, the oldest first."""


class Tokens(TokenReading, Protocol):
    """Tokens as use cases change them. Writes live and die with the unit of work; `get` locks what it finds."""

    def add(self, token: Token) -> None:
        """Store a new token."""

    def save(self, token: Token) -> None:
        """Store the values of a token that is locked."""


class Passwords(Protocol):
    """Turns passwords into what may be stored. Slow on purpose: no transaction may be open meanwhile."""

    def hashed(self, password: str) -> str:
        """What is kept of it; each time something else."""

    def matches(self, password: str, kept: str | None) -> bool:
        """Whether this was made from it. None is never matched, and takes as long to find out."""


class TokenTexts(Protocol):
    """Makes tokens that nobody can guess."""

    def made(self) -> TokenText:
        """A new id with 256 bits of chance behind it."""
