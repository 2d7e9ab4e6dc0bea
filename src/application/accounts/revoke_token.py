"""Revoke an API token."""

from dataclasses import dataclass

from ...domain.accounts.errors import TokenNotFound
from ...domain.accounts.ids import AccountId, TokenId
from ..ports.accounts_work import AccountsWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeTokenCommand:
    """The token."""

    token_id: TokenId
    only_of: AccountId | None = None


class RevokeToken:
    """Every process refuses the token within five seconds, and streams that it opened end."""

    def __init__(self, begin: Begin[AccountsWork]) -> None:
        self._begin = begin

    def execute(self, command: RevokeTokenCommand) -> None:
        """Nothing, however often it is asked; or `TokenNotFound`."""
        with self._begin() as work:
            token = work.tokens.get(command.token_id)
            if command.only_of not in (None, token.account_id):
                raise TokenNotFound(command.token_id)
            work.tokens.save(token.revoked(now=work.now()))
            work.commit()
