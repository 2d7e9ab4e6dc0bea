"""A runner as it is at one moment of the store's clock."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from ...domain.runners.agent import Contact
from ...domain.runners.availability import AvailabilityState
from ...domain.runners.runner import Runner
from ..ports.runners import RunnerRecord

RunnerState = Literal["online", "busy", "late", "offline"]


@dataclass(frozen=True, slots=True)
class RunnerStatus:
    """`busy` counts the attempts that live there."""

    runner: Runner
    busy: int
    now: datetime

    @property
    def state(self) -> RunnerState:
        """What the runner itself is up to: nobody drives it or reaches it, its agent is late, every slot is taken, or
        nothing of that.
        """
        standing = self.runner.standing(self.now)
        if standing in (Contact.NEVER, Contact.OFFLINE):
            return "offline"
        if standing is Contact.LATE:
            return "late"
        return "busy" if self.busy >= self.runner.slots else "online"

    @property
    def availability(self) -> AvailabilityState:
        """What operators let it do."""
        return self.runner.availability.at(self.now)

    @property
    def drained(self) -> bool:
        """Whether it was drained and nothing lives there any more."""
        return self.availability is AvailabilityState.DRAINING and not self.busy


def status_of(record: RunnerRecord, now: datetime) -> RunnerStatus:
    """What was read, as of now."""
    return RunnerStatus(record.runner, record.busy, now)


def seen_from(projects: AbstractSet[str] | None, status: RunnerStatus) -> RunnerStatus | None:
    """What these projects see of it: nothing, if it is there for none of them; None is whoever sees everything."""
    if projects is None:
        return status
    if not any(status.runner.reaches(project) for project in projects):
        return None
    return replace(status, runner=status.runner.seen_from(projects))
