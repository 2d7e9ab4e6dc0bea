"""API tokens. The secret exists once, in the text that is shown; what is kept is its hash."""

import hmac
import re
from binascii import crc32
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Self

from ..errors import FieldProblem
from ..labels import text_problems
from .errors import InvalidAccount, TokenSpent
from .ids import AccountId, TokenId
from .permissions import Permission

PREFIX: Final = "ryu"
"""Of tokens of accounts; others have their own, so that each tells what it is for."""
ID_LETTERS: Final = 16
SECRET_LETTERS: Final = 43
LIFE: Final = timedelta(days=90)
LONGEST_LIFE: Final = timedelta(days=365)
GRACE: Final = timedelta(hours=1)
LONGEST_GRACE: Final = timedelta(days=7)

BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK_LETTERS: Final = 6
_TEXT: Final = re.compile(
    rf"(?P<body>(?P<prefix>ry[a-z])_(?P<id>[0-9A-Za-z]{{{ID_LETTERS}}})_(?P<secret>[0-9A-Za-z]{{{SECRET_LETTERS}}}))"
    rf"(?P<check>[0-9A-Za-z]{{{_CHECK_LETTERS}}})"
)
_NOBODY: Final = sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class TokenText:
    """What is shown once and presented ever after: `ryu_`, the id, the secret, a checksum. It does not print."""

    id: TokenId
    secret: str = field(repr=False)
    prefix: str = PREFIX

    @property
    def revealed(self) -> str:
        """The whole text. The checksum lets a scanner tell a token from what merely looks like one."""
        body = f"{self.prefix}_{self.id}_{self.secret}"
        return body + _checksum(body)

    @property
    def hash(self) -> str:
        """What is kept of it. A fast hash is right for 256 random bits."""
        return sha256(self.secret.encode()).hexdigest()


def parsed(text: str, prefix: str = PREFIX) -> TokenText | None:
    """The token with this prefix in the text, or None: there is none."""
    found = _TEXT.fullmatch(text)
    if not found or found["prefix"] != prefix or found["check"] != _checksum(found["body"]):
        return None
    return TokenText(TokenId(found["id"]), found["secret"], prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTerms:
    """What a token is for, and how long it is good; wrong ones raise `InvalidAccount`."""

    name: str = ""
    scopes: frozenset[Permission] | None = None
    life: timedelta = LIFE

    def __post_init__(self) -> None:
        problems = list(text_problems("/name", self.name, most=200))
        if not timedelta(0) < self.life <= LONGEST_LIFE:
            advice = f"must be more than 0 seconds and at most {LONGEST_LIFE.days} days"
            problems.append(FieldProblem("/expires_in", advice))
        if problems:
            raise InvalidAccount(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The right to act for an account, as far as the `scopes` go (None: as far as the account may).

    `name` is for people. `replaced_by` is its successor, beside which it is good for a short while.
    """

    id: TokenId
    account_id: AccountId
    hash: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    life: timedelta = LIFE
    name: str = ""
    scopes: frozenset[Permission] | None = None
    revoked_at: datetime | None = None
    replaced_by: TokenId | None = None
    last_used_at: datetime | None = None

    @classmethod
    def issued(cls, text: TokenText, terms: "TokenTerms", account_id: AccountId, *, now: datetime) -> Self:
        """A new token of this account."""
        return cls(
            id=text.id,
            account_id=account_id,
            hash=text.hash,
            created_at=now,
            expires_at=now + terms.life,
            life=terms.life,
            name=terms.name,
            scopes=terms.scopes,
        )

    @property
    def terms(self) -> "TokenTerms":
        """What it was issued for."""
        return TokenTerms(name=self.name, scopes=self.scopes, life=self.life)

    def good(self, now: datetime) -> bool:
        """Whether it opens the door at this moment."""
        return self.revoked_at is None and now < self.expires_at

    def opened_by(self, presented: TokenText) -> bool:
        """Whether this is its secret; comparing takes the same time whatever is presented."""
        return hmac.compare_digest(self.hash, presented.hash)

    def revoked(self, *, now: datetime) -> Self:
        """Good no more, at once."""
        return self if self.revoked_at else replace(self, revoked_at=now)

    def rotated(self, successor: "Token", *, now: datetime, grace: timedelta) -> Self:
        """The old token, still good for a short while; or `TokenSpent`."""
        if not self.good(now):
            raise TokenSpent(self.id, "has been revoked" if self.revoked_at else "has expired")
        if self.replaced_by is not None:
            raise TokenSpent(self.id, f"was replaced by {self.replaced_by}")
        if not timedelta(0) <= grace <= LONGEST_GRACE:
            raise InvalidAccount([FieldProblem("/grace", f"must be from 0 seconds to {LONGEST_GRACE.days} days")])
        at_once = now if not grace else self.revoked_at
        return replace(self, replaced_by=successor.id, expires_at=min(self.expires_at, now + grace), revoked_at=at_once)

    def used(self, *, now: datetime) -> Self:
        """Seen at the door."""
        return replace(self, last_used_at=now)


def compared_with_nobody(presented: TokenText) -> bool:
    """False, in the time that a comparison takes: an unknown id is not told from a wrong secret."""
    return hmac.compare_digest(_NOBODY, presented.hash) and False


def _checksum(body: str) -> str:
    number, letters = crc32(body.encode()), ""
    for _ in range(_CHECK_LETTERS):
        number, rest = divmod(number, len(BASE62))
        letters = BASE62[rest] + letters
    return letters
