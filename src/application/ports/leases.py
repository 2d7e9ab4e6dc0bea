"""The leases of live attempts, and the record of those who sweep them."""

from datetime import datetime
from typing import Protocol

from ...domain.jobs.ids import JobId
from ...domain.jobs.leases import LeaseWatch
from .work import JobsWork


class Leases(Protocol):
    """Leases that have not been seen to end. Writes live and die with the unit of work."""

    def longest(self) -> int | None:
        """The longest lease of all live attempts, in seconds; None if none of them has one."""

    def lapsed(self, now: datetime, most: int) -> list[JobId]:
        """Up to so many jobs whose live attempt has a lease that ended before this moment, the longest ended first.

        Those that wait for a confirmed end are told only until they are marked unreachable.
        """

    def watch(self) -> LeaseWatch | None:
        """The last watch that was kept, locked until the end of the unit of work; None if there never was one."""

    def keep(self, watch: LeaseWatch) -> None:
        """Store this watch instead of the last one."""


class LeasesWork(JobsWork, Protocol):
    """A transaction over jobs and their leases."""

    @property
    def leases(self) -> Leases:
        """The leases, to end."""
