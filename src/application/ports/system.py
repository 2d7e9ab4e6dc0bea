"""What use cases need of the machine they run on."""

from typing import Protocol

from ...domain.accounts.ids import AccountId
from ...domain.jobs.ids import JobId
from ...domain.runners.ids import RunnerId


class Identifiers(Protocol):
    """Makes identities. Later ones sort after earlier ones of the same process."""

    def job_id(self) -> JobId:
        """An id no other job has."""

    def runner_id(self) -> RunnerId:
        """An id no other runner has."""

    def account_id(self) -> AccountId:
        """An id no other account has."""


class Clock(Protocol):
    """Durations only: what time it is, the store decides."""

    def elapsed(self) -> float:
        """Seconds since some fixed moment; never goes back."""
