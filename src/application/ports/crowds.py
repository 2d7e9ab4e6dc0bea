"""Where something waits to be claimed."""

from datetime import datetime
from typing import Protocol

from ...domain.jobs.matching import Crowd
from .limits import LimitedReading
from .queues import QueueReading


class CrowdReading(Protocol):
    """What waits, lane by lane."""

    def all(self, most: int) -> list[Crowd]:
        """Every lane with something to claim, by key, counted up to `most` each."""


class CrowdsReading(LimitedReading, Protocol):
    """A consistent look at what waits, and at what may not be claimed all the same."""

    def now(self) -> datetime:
        """The time by the store's clock, with zone."""

    @property
    def crowds(self) -> CrowdReading:
        """What waits."""

    @property
    def queues(self) -> QueueReading:
        """The queues that are paused."""
