"""List accounts."""

from dataclasses import dataclass

from ...domain.accounts.account import Account
from ..ports.accounts_work import AccountsReading
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAccountsCommand:
    """All of them: there are as many as people and programs that work with this instance."""


class ListAccounts:
    """Reads every account as it is now."""

    def __init__(self, read: Begin[AccountsReading]) -> None:
        self._read = read

    def execute(self, _command: ListAccountsCommand) -> list[Account]:
        """The accounts, by name."""
        with self._read() as reading:
            return reading.accounts.all()
