"""The runners of the service."""

from typing import Protocol

from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner


class Runners(Protocol):
    """The runners this service knows. Writes live and die with the unit of work."""

    def add(self, runner: Runner) -> None:
        """Store a new runner. Names are unique: `RunnerExists`-like conflicts surface as an error of the store."""

    def lock(self, runner_id: RunnerId) -> Runner:
        """The runner, locked, or `RunnerNotFound`."""

    def named(self, name: str) -> Runner | None:
        """The runner of this name, locked, or None."""

    def save(self, runner: Runner) -> None:
        """Store the runner's values."""


class RunnerReading(Protocol):
    """Runners as they are read."""

    def names(self) -> dict[RunnerId, str]:
        """What each runner is called."""
