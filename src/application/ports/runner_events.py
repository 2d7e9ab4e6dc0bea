"""The events of runners, as they are written and read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ...domain.runners.events import RunnerEvent, RunnerEventPage
from ...domain.runners.ids import RunnerId
from .runners import RunnerReading
from .work import Transaction


class RunnerEventReading(Protocol):
    """Events as they are read."""

    def page(self, runner_id: RunnerId, *, after: int | None, limit: int) -> RunnerEventPage:
        """Up to `limit` events of the runner, newest first, from behind this id."""

    def oldest(self, *, after: int, limit: int) -> list[RunnerEvent]:
        """Up to `limit` events of all runners behind this id, the oldest first."""


class RunnerEvents(RunnerEventReading, Protocol):
    """Events as they are written. They live and die with the unit of work; nothing ever changes one, and a runner that
    is removed takes its own along.
    """

    def append(self, events: Sequence[RunnerEvent]) -> None:
        """Store events behind all that are there; they get their ids, in this order."""

    def forget(self, before: datetime, most: int) -> int:
        """Remove up to so many of the oldest events that are older than this, and say how many."""


class RunnerEventsWork(Transaction, Protocol):
    """A transaction over events."""

    @property
    def runner_events(self) -> RunnerEvents:
        """The events."""


class RunnerEventsLook(Protocol):
    """A consistent look at runners and their events."""

    @property
    def runner_events(self) -> RunnerEventReading:
        """The events."""

    @property
    def runners(self) -> RunnerReading:
        """The runners."""
