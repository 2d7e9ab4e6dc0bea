"""The jobs of the service, as use cases change and read them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ...domain.accounts.access import Reach
from ...domain.jobs.attempt import Attempt
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.lanes import Lane
from ...domain.jobs.outline import SpecOutline
from ...domain.jobs.seating import PlaceInLine
from ...domain.jobs.spec import JobSpec
from ...domain.jobs.states import JobState
from ...domain.runners.ids import RunnerId


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job about to be stored, with what it was made from."""

    job: Job
    spec: JobSpec


@dataclass(frozen=True, slots=True)
class Change:
    """A job as it was read and as it shall be."""

    before: Job
    after: Job


@dataclass(frozen=True, slots=True)
class LaneShare:
    """Take at most so many from the lane of this key, of those whose rank is not below the floor."""

    lane: str
    most: int
    floor: int | None = None


class Jobs(Protocol):
    """The jobs this service knows. Writes live and die with the unit of work."""

    def add_all(self, jobs: Sequence[NewJob]) -> None:
        """Store new jobs."""

    def take(self, shares: Sequence[LaneShare], k: int) -> list[Job]:
        """Up to `k` queued jobs, locked; lanes in the order given, each by rank and walked only as far as needed.

        Two units of work never hold the same job; fewer than `k` is normal.
        """

    def lock(self, ids: Collection[JobId]) -> list[Job]:
        """These jobs, locked in the order of their ids; unknown ones are missing.

        Whoever may end one of them locks its key first: see `SeatedJobs`.
        """

    def lock_due(self, k: int) -> list[Job]:
        """Up to `k` waiting jobs without a key whose `due_at` has come, locked, the longest due first.

        Those with a key are told by `Seats.restless`.
        """

    def save_all(self, changes: Sequence[Change]) -> None:
        """Store the next version of each, with its current attempt; all of them, or `StaleJobs`.

        A change whose two values are equal is left out. What a job was born with never changes: its id,
        lane, priority, policies, key, deadlines and the time of its submission. `SeatTaken` if two jobs would hold
        one seat of a key, here or in `add_all`. A refusal may undo the unit of work.
        """


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job beside what it was made from; `place` is where it stands if it waits for a seat of its key."""

    job: Job
    spec: JobSpec
    place: PlaceInLine | None = None


@dataclass(frozen=True, slots=True)
class JobSummary:
    """A job beside the outline of what it was made from; `place` as in its record."""

    job: Job
    outline: SpecOutline
    place: PlaceInLine | None = None


@dataclass(frozen=True, slots=True)
class Belonging:
    """Whose a job is, and which job submitted it, if one did. It never changes."""

    project: str
    owner: str
    parent: JobId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs are meant: those for which all of it is true. `id_part` is the beginning or the end of an id.

    `reach` is what the caller may mean at all; None is everything. `labels` are pairs of key and value;
    `created_after` is the first moment that counts, `created_before` the first that does not.
    """

    states: frozenset[JobState] = frozenset()
    id_part: str | None = None
    project: str | None = None
    owner: str | None = None
    queue: str | None = None
    name: str | None = None
    labels: frozenset[tuple[str, str]] = frozenset()
    created_after: datetime | None = None
    created_before: datetime | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some jobs, newest first; `next_after` continues the list, None when it has ended."""

    items: tuple[JobSummary, ...]
    next_after: JobId | None


class JobReading(Protocol):
    """Jobs as they are read. Nothing is locked, and a writer is never waited for.

    What a summary leaves out is not read either, so that it costs the same however much was submitted.
    """

    def get(self, job_id: JobId) -> JobRecord:
        """The job, or `JobNotFound`."""

    def summary(self, job_id: JobId) -> JobSummary:
        """The same in short."""

    def page(self, which: JobFilter, *, after: JobId | None, limit: int) -> JobPage:
        """Up to `limit` jobs older than `after`, newest first (ids grow with time)."""

    def attempts(self, job_id: JobId) -> list[Attempt]:
        """All tries of the job by number, or `JobNotFound`."""

    def live_on(self, runner_id: RunnerId) -> list[Job]:
        """The jobs with a live attempt on this runner, by id."""


class BelongingReading(Protocol):
    """Whose jobs are."""

    def whose(self, job_id: JobId) -> Belonging | None:
        """Whose job it is, or None: there is none."""


class RecordReading(Protocol):
    """Jobs beside what they were made from, in the transaction that asks."""

    def records(self, ids: Collection[JobId]) -> dict[JobId, JobRecord]:
        """These jobs; unknown ones are missing."""


class DispatchReading(Protocol):
    """What claiming and adopting look at, in their own transaction."""

    def live_on(self, runner_id: RunnerId) -> list[Job]:
        """The jobs with a live attempt on this runner, by id."""

    def count_live_on(self, runner_id: RunnerId) -> int:
        """How many of the runner's slots are taken."""

    def lanes(self) -> list[Lane]:
        """Every lane that jobs were submitted to and nobody forgot, by key; those with nothing to claim included."""

    def specs(self, ids: Collection[JobId]) -> dict[JobId, JobSpec]:
        """What these jobs were made from; unknown ones are missing."""
