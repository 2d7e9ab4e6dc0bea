"""Rotate an API token: a successor takes its place, and it stays good for a short while."""

from dataclasses import dataclass
from datetime import timedelta

from ...domain.accounts.errors import TokenNotFound
from ...domain.accounts.ids import AccountId, TokenId
from ...domain.accounts.tokens import GRACE, Token
from ..ports.accounts import TokenTexts
from ..ports.accounts_work import AccountsWork
from ..ports.work import Begin
from .create_token import Issued


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateTokenCommand:
    """The token, and how long it shall go on to be good."""

    token_id: TokenId
    grace: timedelta = GRACE
    only_of: AccountId | None = None


class RotateToken:
    """The successor is for the same, and lives as long as the old one was to live."""

    def __init__(self, begin: Begin[AccountsWork], texts: TokenTexts) -> None:
        self._begin = begin
        self._texts = texts

    def execute(self, command: RotateTokenCommand) -> Issued:
        """The successor; `TokenNotFound`, or `TokenSpent` for one that is not good or has a successor."""
        with self._begin() as work:
            old = work.tokens.get(command.token_id)
            account = work.accounts.get(old.account_id)
            if account is None or command.only_of not in (None, old.account_id):
                raise TokenNotFound(command.token_id)
            now, text = work.now(), self._texts.made()
            successor = Token.issued(text, old.terms, old.account_id, now=now)
            work.tokens.add(successor)
            work.tokens.save(old.rotated(successor, now=now, grace=command.grace))
            work.commit()
        return Issued(successor, text, account.name)
