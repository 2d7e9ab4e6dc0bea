"""Passes: the tokens of runners of kind `agent`. One to join, then one after the other, each exchanged for the next.

A pass stays good until its successor is first used, so an answer that was lost locks nobody out: whoever got none asks
again with what it has, and the successor that nobody ever used is void. Whoever shows a pass that is over, though it
was exchanged, has a copy of it, or is the one a copy was made of: that is told to people.
"""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from ..accounts.ids import TokenId
from ..accounts.tokens import TokenText
from ..errors import FieldProblem, Refusal, RunyardError
from .errors import InvalidRunner, Shown
from .ids import RunnerId

JOIN_LIFE: Final = timedelta(hours=1)
LONGEST_JOIN_LIFE: Final = timedelta(days=30)
RUNNER_LIFE: Final = timedelta(days=90)
"""So long a machine may be away, and still come back by itself."""
ROTATE_AFTER: Final = timedelta(days=1)
"""So often an agent exchanges its pass, unless it was told otherwise."""
GRACE: Final = timedelta(seconds=5)
"""A pass whose successor was used is good for so long: requests with it may still be under way."""
KNOWN_FOR: Final = timedelta(days=30)
"""So long after its end a pass that was used is known for what it was, whoever shows it."""


class PassKind(StrEnum):
    """What a pass is for. Its text begins with the prefix of the kind."""

    JOIN = "join"
    RUNNER = "runner"

    @property
    def prefix(self) -> str:
        """How the texts of its passes begin."""
        return {PassKind.JOIN: "ryj", PassKind.RUNNER: "ryr"}[self]


class PassRefused(RunyardError):
    """A pass that opens nothing; what to do is said. What was `shown` is for the audit trail."""

    refusal = Refusal.UNAUTHENTICATED
    code = "runner-token-refused"

    def __init__(self, sentence: str, shown: Shown | None = None) -> None:
        super().__init__(sentence)
        self.shown = shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerPass:
    """The right to be a runner, or to become it. `replaces` is its predecessor, `replaced_by` its last successor."""

    id: TokenId
    runner_id: RunnerId
    kind: PassKind
    hash: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    replaces: TokenId | None = None
    replaced_by: TokenId | None = None
    used_at: datetime | None = None
    over_at: datetime | None = None

    @classmethod
    def to_join(cls, text: TokenText, runner_id: RunnerId, *, now: datetime, life: timedelta = JOIN_LIFE) -> Self:
        """One to join with, good for so long; a wrong life is `InvalidRunner`."""
        if not timedelta(0) < life <= LONGEST_JOIN_LIFE:
            advice = f"must be more than 0 seconds and at most {LONGEST_JOIN_LIFE.days} days"
            raise InvalidRunner([FieldProblem("/expires_in", advice)])
        return cls(
            id=text.id,
            runner_id=runner_id,
            kind=PassKind.JOIN,
            hash=text.hash,
            created_at=now,
            expires_at=now + life,
        )

    def successor(self, text: TokenText, *, now: datetime) -> Self:
        """What it is exchanged for."""
        return replace(
            self,
            id=text.id,
            kind=PassKind.RUNNER,
            hash=text.hash,
            created_at=now,
            expires_at=now + RUNNER_LIFE,
            replaces=self.id,
            replaced_by=None,
            used_at=None,
            over_at=None,
        )

    def opened_by(self, presented: TokenText) -> bool:
        """Whether this is its secret; comparing takes the same time whatever is presented."""
        return hmac.compare_digest(self.hash, presented.hash)

    def good(self, now: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return now < self.expires_at and (self.over_at is None or now < self.over_at)

    def exchanged(self, successor: TokenId) -> Self:
        """With this successor, instead of any before."""
        return replace(self, replaced_by=successor)

    def used(self, *, now: datetime) -> Self:
        """Seen for the first time; later uses change nothing."""
        return self if self.used_at else replace(self, used_at=now)

    def succeeded(self, *, now: datetime) -> Self:
        """Its successor was used: it is over, after a moment if requests with it may be under way."""
        end = now + GRACE if self.kind is PassKind.RUNNER else now
        return self if self.over_at or self.expires_at <= end else replace(self, over_at=end)

    def revoked(self, *, now: datetime) -> Self:
        """Over at once, and nobody's copy. A successor that got lost on its way need not be known any more."""
        end = now - KNOWN_FOR if self.is_unseen else now
        return replace(self, over_at=now, expires_at=min(self.expires_at, end))

    @property
    def is_unseen(self) -> bool:
        """Whether it may never have reached its machine."""
        return self.kind is PassKind.RUNNER and self.used_at is None

    @property
    def is_revoked(self) -> bool:
        """Whether somebody ended it before its time."""
        return self.over_at is not None and self.expires_at <= self.over_at

    def copied(self, now: datetime) -> bool:
        """Whether it is over because its successor is used, and was not revoked: who shows it has a copy."""
        return self.replaced_by is not None and self.over_at is not None and self.over_at <= now < self.expires_at

    def alarming(self, now: datetime) -> str | None:
        """What people should be told if it is shown now; None if it is good, has merely expired or came too late."""
        what = "registration token" if self.kind is PassKind.JOIN else "runner token"
        if self.copied(now):
            return f"somebody showed a {what} that was replaced: it was copied, or this machine runs from an old copy"
        if self.is_revoked and not self.is_unseen:
            return f"somebody showed a {what} that was revoked: a machine that should have stopped, or who has a copy"
        return None

    def refusal(self, now: datetime, *, told: bool = False) -> PassRefused:
        """Why it opens nothing, and what to do."""
        again = "make a new one with `runyard runner token` and register again"
        why, sentence = "expired_token", f"this token has expired; {again}"
        if self.copied(now) and self.kind is PassKind.JOIN:
            why, sentence = "used_token", f"this registration token was used; each is good for one machine: {again}"
        elif self.copied(now):
            why = "replaced_token"
            sentence = f"this runner token was replaced by a newer one, which somebody uses: {again}"
        elif self.is_revoked:
            why, sentence = "revoked_token", f"this token was revoked; {again}"
        elif self.over_at is not None:
            why, sentence = "replaced_token", "this token was exchanged, and what it was exchanged for is in use"
        return PassRefused(sentence, Shown(why=why, runner_id=self.runner_id, pass_id=self.id, told=told))
