"""Authenticate: whose token this is."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ...domain.accounts.access import Actor
from ...domain.accounts.errors import Presented, TokenNotFound, Unauthenticated
from ...domain.accounts.ids import TokenId
from ...domain.accounts.tokens import Token, TokenText, compared_with_nobody, parsed
from ..ports.accounts_work import AccountsReading, AccountsWork
from ..ports.work import Begin, StoreUnavailable

_SEEN: Final = timedelta(minutes=1)
"""The last use of a token is written no more often."""
_SENTENCE: Final = "this token does not open the door"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateCommand:
    """What was presented, and where from."""

    presented: str = field(repr=False)
    address: str | None = None


class Authenticate:
    """Looks the token up by its id; what is secret is compared, always in the same time."""

    def __init__(self, read: Begin[AccountsReading], begin: Begin[AccountsWork]) -> None:
        self._read = read
        self._begin = begin

    def execute(self, command: AuthenticateCommand) -> Actor:
        """Who it is, or `Unauthenticated`, whatever is wrong with the token."""
        text = parsed(command.presented)
        if text is None:
            raise _unknown()
        with self._read() as reading:
            now = reading.now()
            token = _known(reading, text)
            account = reading.accounts.get(token.account_id) if token and token.good(now) else None
        if token is None or account is None or account.disabled_at is not None:
            raise _refused(token, now)
        if token.last_used_at is None or now - token.last_used_at >= _SEEN:
            self._seen(token.id, now)
        return account.acting(token)

    def _seen(self, token_id: TokenId, now: datetime) -> None:
        with suppress(StoreUnavailable, TokenNotFound), self._begin() as work:  # it is a courtesy: nobody waits for it
            work.tokens.save(work.tokens.get(token_id).used(now=now))
            work.commit()


def _known(reading: AccountsReading, text: TokenText) -> Token | None:
    try:
        token = reading.tokens.get(text.id)
    except TokenNotFound:
        compared_with_nobody(text)
        return None
    return token if token.opened_by(text) else None


def _refused(token: Token | None, now: datetime) -> Unauthenticated:
    """The same words whatever is wrong; what it is, the trail learns, and whose it is it finds out by itself."""
    if token is None:
        return _unknown()
    why = "disabled_account" if token.good(now) else "revoked_token" if token.revoked_at else "expired_token"
    return Unauthenticated(_SENTENCE, Presented(why=why, account=token.account_id, token=token.id))


def _unknown() -> Unauthenticated:
    return Unauthenticated(_SENTENCE, Presented(why="unknown_token"))
