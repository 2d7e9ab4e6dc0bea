"""Get one account."""

from dataclasses import dataclass

from ...domain.accounts.account import Account
from ..ports.accounts_work import AccountsReading
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAccountCommand:
    """The account."""

    name: str


class GetAccount:
    """Reads an account as it is now."""

    def __init__(self, read: Begin[AccountsReading]) -> None:
        self._read = read

    def execute(self, command: GetAccountCommand) -> Account:
        """The account, or `AccountNotFound`."""
        with self._read() as reading:
            return reading.accounts.named(command.name)
