"""Units of work over accounts."""

from datetime import datetime
from typing import Protocol

from .accounts import AccountReading, Accounts, TokenReading, Tokens
from .projects import ProjectReading
from .work import Transaction


class AccountsWork(Transaction, Protocol):
    """A transaction over accounts and tokens."""

    @property
    def accounts(self) -> Accounts:
        """The accounts, to change."""

    @property
    def tokens(self) -> Tokens:
        """Their tokens, to change."""

    @property
    def projects(self) -> ProjectReading:
        """The projects in which they have roles."""


class AccountsReading(Protocol):
    """A consistent look at accounts and tokens."""

    def now(self) -> datetime:
        """The time by the store's clock, with zone."""

    @property
    def accounts(self) -> AccountReading:
        """The accounts."""

    @property
    def tokens(self) -> TokenReading:
        """Their tokens."""

    @property
    def projects(self) -> ProjectReading:
        """The projects in which they have roles."""
