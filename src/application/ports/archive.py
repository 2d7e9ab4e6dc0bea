"""Everything of a store outside of it."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from ...domain.audit.entry import AuditEntry
from ...domain.errors import Refusal, RunyardError
from ...domain.jobs.log import LogChunk
from ...domain.jobs.queues import QueuePause
from ...domain.runners.events import RunnerEvent
from ...domain.runners.passes import RunnerPass
from ...domain.runners.runner import Runner
from .holdings import KeyLimit, Owner, WholeJob, WholeLogin, WholeSecret
from .submission_keys import Reservation

Item = (
    Owner
    | Runner
    | RunnerPass
    | WholeLogin
    | RunnerEvent
    | QueuePause
    | KeyLimit
    | Reservation
    | WholeSecret
    | AuditEntry
    | WholeJob
    | LogChunk
)

Counts = Mapping[str, int]
"""How many items of each kind, by its name."""


class ArchiveUnreadable(RunyardError):
    """It is no archive of ours, one of a newer version, damaged, or cut off."""

    refusal = Refusal.INVALID
    code = "archive-unreadable"


class ArchiveWriter(Protocol):
    """An archive in the making: first everything but jobs, the audit trail included; the output of a job after it."""

    def put(self, item: Item) -> None:
        """Add this behind the others."""

    def finish(self) -> Counts:
        """Make it whole and durable; without that it never was. What it holds."""


class ArchiveReader(Protocol):
    """An archive, read once from its beginning."""

    def items(self) -> Iterator[Item]:
        """Everything in the order in which it was put; or `ArchiveUnreadable`, which may come after any item: only
        an iteration that has ended by itself has read what was written.
        """

    def counts(self) -> Counts:
        """What was read."""
