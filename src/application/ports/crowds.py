"""Where something waits to be claimed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ...domain.jobs.lanes import Lane
from .limits import LimitedReading
from .queues import QueueReading


@dataclass(frozen=True, slots=True)
class Crowd:
    """A lane, and how many jobs wait in it."""

    lane: Lane
    jobs: int


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
