"""Create an API token."""

from dataclasses import dataclass

from ...domain.accounts.errors import AccountNotFound
from ...domain.accounts.tokens import Token, TokenTerms, TokenText
from ..ports.accounts import TokenTexts
from ..ports.accounts_work import AccountsWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTokenCommand:
    """Whose it shall be (the caller's, unless said), what for and for how long."""

    account: str | None = None
    terms: TokenTerms = TokenTerms()


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, its text, which is seen here and never again, and whose it is."""

    token: Token
    text: TokenText
    account: str


class CreateToken:
    """Makes a token; only its hash is kept."""

    def __init__(self, begin: Begin[AccountsWork], texts: TokenTexts) -> None:
        self._begin = begin
        self._texts = texts

    def execute(self, command: CreateTokenCommand) -> Issued:
        """The token, or `AccountNotFound`."""
        with self._begin() as work:
            account = work.accounts.named(command.account or "")
            if account.disabled_at is not None:
                raise AccountNotFound(account.name)
            text = self._texts.made()
            token = Token.issued(text, command.terms, account.id, now=work.now())
            work.tokens.add(token)
            work.commit()
        return Issued(token, text, account.name)
