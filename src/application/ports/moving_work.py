"""Units of work that carry everything from one store to another."""

from typing import Protocol

from .audit import TrailReading, TrailWork
from .holdings import Holdings, Intake
from .logs import Logs
from .passes import PassesWork, PassReading
from .projects import Projects
from .queues import QueueReading, Queues
from .runner_events import RunnerEventsLook, RunnerEventsWork
from .sealing import SealedReading
from .secret_work import SealedWork
from .work import Reading


class ExportReading(Reading, RunnerEventsLook, Protocol):
    """The same, and all the rest."""

    @property
    def holdings(self) -> Holdings:
        """What there is beside."""

    @property
    def passes(self) -> PassReading:
        """What agents come with."""

    @property
    def queues(self) -> QueueReading:
        """The queues that are paused."""

    @property
    def audit(self) -> TrailReading:
        """The audit trail."""

    @property
    def sealed(self) -> SealedReading:
        """What is kept sealed."""


class ImportWork(PassesWork, RunnerEventsWork, TrailWork, SealedWork, Protocol):
    """A transaction over everything, to fill a store."""

    @property
    def intake(self) -> Intake:
        """Jobs and keys, to write as they were elsewhere."""

    @property
    def projects(self) -> Projects:
        """The projects, to add."""

    @property
    def queues(self) -> Queues:
        """The queues that are paused, to pause."""

    @property
    def logs(self) -> Logs:
        """The logs, to fill."""
