"""List API tokens."""

from dataclasses import dataclass

from ...domain.accounts.errors import AccountNotFound
from ...domain.accounts.ids import AccountId
from ...domain.accounts.tokens import Token
from ..ports.accounts_work import AccountsReading
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTokensCommand:
    """Those of this account; of everybody, if none is named and the caller may see all."""

    account: str | None = None
    only_of: AccountId | None = None


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token and whose it is. Its secret is nowhere."""

    token: Token
    account: str


class ListTokens:
    """Reads what tokens there are, those that are good no more included."""

    def __init__(self, read: Begin[AccountsReading]) -> None:
        self._read = read

    def execute(self, command: ListTokensCommand) -> list[TokenRecord]:
        """The tokens, by account, the oldest first; or `AccountNotFound`."""
        with self._read() as reading:
            accounts = [each for each in reading.accounts.all() if command.account in (None, each.name)]
            mine = [each for each in accounts if command.only_of in (None, each.id)]
            if command.account is not None and not mine:
                raise AccountNotFound(command.account)
            return [TokenRecord(token, each.name) for each in mine for token in reading.tokens.of(each.id)]
