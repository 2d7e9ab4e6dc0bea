"""The audit trail, as it is written and read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ...domain.audit.entry import AuditEntry, AuditFilter, AuditPage
from .work import RunnersWork, Transaction


class TrailReading(Protocol):
    """The trail as it is read."""

    def page(self, which: AuditFilter, *, after: int | None, limit: int) -> AuditPage:
        """Up to `limit` entries of those that are meant, newest first, from behind this id."""

    def oldest(self, *, after: int, limit: int) -> list[AuditEntry]:
        """Up to `limit` entries that come after this id, oldest first, to be carried away; a short page is the last."""


class AuditTrail(TrailReading, Protocol):
    """The trail as use cases write it. Entries live and die with the unit of work; nothing ever changes one."""

    def append(self, entries: Sequence[AuditEntry]) -> None:
        """Store entries behind all that are there; they get their ids, in this order."""

    def forget(self, before: datetime, most: int) -> int:
        """Remove up to so many of the oldest entries that are older than this, and say how many.

        The moment is at least `LEAST_KEPT` ago by the database's own clock, which holds entries against everybody.
        """


class TrailWork(Transaction, Protocol):
    """A transaction over the trail."""

    @property
    def audit(self) -> AuditTrail:
        """The trail."""


class DriversWork(RunnersWork, TrailWork, Protocol):
    """A transaction over runners, and over the trail."""


class TrailLook(Protocol):
    """A consistent look at the trail."""

    @property
    def audit(self) -> TrailReading:
        """The trail."""
