"""The runners of the service."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ...domain.errors import Refusal, RunyardError
from ...domain.runners.availability import AvailabilityState
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner, RunnerKind


class RunnerNameTaken(RunyardError):
    """Another runner has this name."""

    refusal = Refusal.CONFLICT
    code = "runner-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is already a runner called {name!r}")


class Runners(Protocol):
    """The runners this service knows. Writes live and die with the unit of work."""

    def add(self, runner: Runner) -> None:
        """Store a new runner, or `RunnerNameTaken`."""

    def lock(self, runner_id: RunnerId) -> Runner:
        """The runner, locked, or `RunnerNotFound`."""

    def named(self, name: str) -> Runner | None:
        """The runner of this name, locked, or None."""

    def save(self, runner: Runner) -> None:
        """Store the values of a runner that is locked, or `RunnerNotFound`."""

    def remove(self, runner_id: RunnerId) -> None:
        """Forget the runner, or `RunnerNotFound`. What ran there keeps its records."""


@dataclass(frozen=True, slots=True)
class RunnerRecord:
    """A runner, and how many attempts live there."""

    runner: Runner
    busy: int


class RunnerReading(Protocol):
    """Runners as they are read."""

    def names(self) -> dict[RunnerId, str]:
        """What each runner is called."""

    def all(self, *, kind: RunnerKind | None = None, state: AvailabilityState | None = None) -> list[RunnerRecord]:
        """Every runner, by name: of this kind, and closed in this manner last, if that is asked for."""

    def each(self, project: str, named: str | None = None) -> Iterator[Runner]:
        """Every runner that is there for this project, one after the other, the one of this name before all others:
        whoever has seen enough reads no further.
        """

    def silent(self, now: datetime, since: datetime) -> list[Runner]:
        """Those that were told to be heard of, whose driver's lease is over by now or who were not heard of since."""

    def get(self, which: str) -> RunnerRecord:
        """The runner of this id or, if none has it, of this name; else `RunnerNotFound`."""
