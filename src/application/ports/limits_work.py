"""Units of work over the limits of projects."""

from typing import Protocol

from .limits import LimitedReading, Limits
from .projects import ProjectReading
from .work import Reading, Transaction


class LimitsWork(Transaction, Protocol):
    """A transaction over limits."""

    @property
    def limits(self) -> Limits:
        """What was set, to change."""

    @property
    def projects(self) -> ProjectReading:
        """Whose they are."""


class LimitsReading(Reading, LimitedReading, Protocol):
    """A consistent look at projects, their limits, and how much of them is used."""
