"""Log in: a password for a token."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from ...domain.accounts.account import MOST_PASSWORD, Account
from ...domain.accounts.errors import AccountNotFound, Presented, Unauthenticated
from ...domain.accounts.tokens import Token, TokenTerms
from ..ports.accounts import Passwords, TokenTexts
from ..ports.accounts_work import AccountsReading, AccountsWork
from ..ports.work import Begin
from .create_token import Issued

LIFE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInCommand:
    """Who, with which password, what the token is called, and where it is asked from."""

    name: str
    password: str = field(repr=False)
    token_name: str = "login"  # noqa: S105 - for people
    address: str | None = None


class LogIn:
    """An unknown name, a wrong password and a disabled account are told apart neither by words nor by time."""

    def __init__(
        self, read: Begin[AccountsReading], begin: Begin[AccountsWork], passwords: Passwords, texts: TokenTexts
    ) -> None:
        self._read = read
        self._begin = begin
        self._passwords = passwords
        self._texts = texts

    def execute(self, command: LogInCommand) -> Issued:
        """A token that may do what the account may, for thirty days; or `Unauthenticated`."""
        account = self._known(command.name)
        kept = account.password_hash if account and account.disabled_at is None else None
        right = self._passwords.matches(command.password[: MOST_PASSWORD + 1], kept)
        if account is None or not right:
            raise Unauthenticated("there is no account of this name with this password", _presented(account))
        terms = TokenTerms(name=command.token_name, life=LIFE)
        with self._begin() as work:
            text = self._texts.made()
            token = Token.issued(text, terms, account.id, now=work.now())
            work.tokens.add(token)
            work.commit()
        return Issued(token, text, account.name)

    def _known(self, name: str) -> Account | None:
        with self._read() as reading:
            try:
                return reading.accounts.named(name)
            except AccountNotFound:
                return None


def _presented(account: Account | None) -> Presented:
    """What is no name may be a password that was typed in its place: it is not repeated."""
    if account is None:
        return Presented(why="unknown_account")
    why = "wrong_password" if account.disabled_at is None else "disabled_account"
    return Presented(why=why, account=account.id)
