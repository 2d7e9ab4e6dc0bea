"""Everything a store holds, read and written in bulk, to be carried to another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ...domain.accounts.account import Account
from ...domain.accounts.projects import Project
from ...domain.accounts.tokens import Token
from ...domain.errors import Refusal, RunyardError
from ...domain.jobs.access import AttemptToken
from ...domain.jobs.attempt import Attempt
from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.job import Job
from ...domain.jobs.spec import JobSpec
from ...domain.limits.limits import ProjectLimits
from ...domain.runners.ids import RunnerId
from ...domain.secrets.sealing import Sealed
from ...domain.secrets.secret import Secret
from .submission_keys import Reservation


class RowUnreadable(RunyardError):
    """A row holds what this version cannot read, or lacks what belongs to it; nothing is carried without it."""

    refusal = Refusal.CONFLICT
    code = "row-unreadable"

    def __init__(self, row: str, why: str) -> None:
        super().__init__(f"{row} cannot be read: {why}; `runyard check-invariants` tells more")


@dataclass(frozen=True, slots=True)
class WholeJob:
    """A job with all there is of it but its output: `earlier` are its attempts before the current one, by number;
    `tokens` are those of its attempts, by number too.
    """

    job: Job
    spec: JobSpec
    earlier: tuple[Attempt, ...] = ()
    tokens: tuple[AttemptToken, ...] = ()

    @property
    def refs(self) -> list[AttemptRef]:
        """Its attempts, by number."""
        current = (self.job.attempt,) if self.job.attempt else ()
        return [AttemptRef(self.job.id, attempt.number) for attempt in (*self.earlier, *current)]


@dataclass(frozen=True, slots=True)
class KeyLimit:
    """How many seats a concurrency key has."""

    key: str
    limit: int


@dataclass(frozen=True, slots=True)
class WholeSecret:
    """A secret with its value, sealed as it is: whoever has it still needs the key."""

    secret: Secret
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class WholeLogin:
    """What is kept to log in at the host of a runner, sealed as it is."""

    runner_id: RunnerId
    sealed: Sealed


Owner = Project | ProjectLimits | Account | Token
"""To whom everything else belongs, how much of it they may have, and by what they are known."""


class Holdings(Protocol):
    """What there is beside runners, queues and logs. Each page begins behind `after`; a short one is the last."""

    def owners(self) -> list[Owner]:
        """Projects but for the one that is always there, limits, accounts, and their tokens."""

    def jobs(self, *, after: JobId | None, limit: int) -> list[WholeJob]:
        """Jobs by id, or `RowUnreadable`: none is left out."""

    def limits(self, *, after: str | None, limit: int) -> list[KeyLimit]:
        """Concurrency keys, by key."""

    def keys(self, *, after: str | None, limit: int) -> list[Reservation]:
        """The keys of submissions, by key."""

    def secrets(self, *, after: Secret | None, limit: int) -> list[WholeSecret]:
        """Secrets by project and name, or `RowUnreadable`: none is left out."""


class OwnersIntake(Protocol):
    """To whom everything else belongs, written into a store that holds nothing yet."""

    def add_owners(self, owners: Sequence[Owner]) -> None:
        """Store projects, limits, accounts and tokens, in this order."""


class Intake(OwnersIntake, Protocol):
    """The same, written into a store that holds nothing yet. Writes live and die with the unit of work."""

    def empty(self) -> bool:
        """Whether nothing was ever stored here, or nothing is left of it."""

    def add_jobs(self, jobs: Sequence[WholeJob]) -> None:
        """Store jobs as they are, with everything that follows from them."""

    def add_limits(self, limits: Sequence[KeyLimit]) -> None:
        """Store concurrency keys."""

    def add_keys(self, keys: Sequence[Reservation]) -> None:
        """Store keys of submissions, whatever their time."""

    def add_secrets(self, secrets: Sequence[WholeSecret]) -> None:
        """Store secrets and their values as they are."""
