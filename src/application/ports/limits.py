"""The limits of projects and of the owners in them, and how much of them is used."""

from collections.abc import Collection
from typing import Protocol

from ...domain.limits.limits import LimitKind, ProjectLimits, Scope

Use = dict[tuple[str, str], int]
"""So many jobs, by project and owner; those of none are missing."""


class LimitReading(Protocol):
    """What was set."""

    def all(self) -> list[ProjectLimits]:
        """Everything, by project and owner, what is for the whole project first."""

    def of(self, projects: Collection[str]) -> list[ProjectLimits]:
        """What was set for these projects and the owners in them."""


class Limits(LimitReading, Protocol):
    """Limits as use cases change them. Writes live and die with the unit of work."""

    def save(self, limits: ProjectLimits) -> None:
        """Store this in place of what was set for the same scope."""


class UseReading(Protocol):
    """How much of the limits is used."""

    def running(self, projects: Collection[str]) -> Use:
        """How many jobs of these projects have a live attempt."""

    def waiting(self, scope: Scope, most: int) -> int:
        """How many unfinished jobs of the scope have none, counting no further than `most`."""


class UseLocking(UseReading, Protocol):
    """The same where nothing may change between counting and deciding."""

    def hold(self, kind: LimitKind, projects: Collection[str]) -> None:
        """Let nobody else hold this kind of these projects until the unit of work ends; waits for who does now.

        What is counted after this counts everything that was committed under an earlier hold. Whoever holds both kinds
        holds `QUEUED` first; those of each kind are held all at once.
        """


class LimitedReading(Protocol):
    """A look at limits and at how much of them is used."""

    @property
    def limits(self) -> LimitReading:
        """What was set."""

    @property
    def use(self) -> UseReading:
        """How much of it is used."""


class LimitedWork(Protocol):
    """The same in a transaction that keeps to them."""

    @property
    def limits(self) -> LimitReading:
        """What was set."""

    @property
    def use(self) -> UseLocking:
        """How much of it is used."""
