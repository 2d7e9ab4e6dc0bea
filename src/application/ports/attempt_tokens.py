"""The tokens of attempts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ...domain.accounts.ids import TokenId
from ...domain.jobs.access import AttemptToken
from .accounts import AccountReading
from .jobs import JobReading


class AttemptTokenReading(Protocol):
    """Tokens of attempts as they are read."""

    def get(self, token_id: TokenId) -> AttemptToken | None:
        """The token, or None: there is none."""


class AttemptTokens(AttemptTokenReading, Protocol):
    """Tokens of attempts, each stored with its attempt and removed with its job. Nothing ever changes one: what it is
    good for is what its attempt is at that moment.
    """

    def add_all(self, tokens: Sequence[AttemptToken]) -> None:
        """Store new tokens of attempts that are stored."""


class HoldersReading(Protocol):
    """A consistent look at tokens of attempts, at their jobs and at whose those are."""

    def now(self) -> datetime:
        """The time by the store's clock, with zone."""

    @property
    def attempt_tokens(self) -> AttemptTokenReading:
        """The tokens."""

    @property
    def jobs(self) -> JobReading:
        """The jobs."""

    @property
    def accounts(self) -> AccountReading:
        """The accounts."""
