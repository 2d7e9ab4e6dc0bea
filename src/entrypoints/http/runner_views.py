"""Runners as everybody outside sees them."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ...application.runners.status import RunnerState, RunnerStatus
from ...domain.runners.availability import AvailabilityState
from ...domain.runners.runner import RunnerKind
from .spec_views import Moment


class RunnerView(BaseModel):
    """A runner as it is now. What it does (`state`) and what it may do (`availability`) are two things."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    kind: RunnerKind
    state: RunnerState = Field(description="`offline`: nobody drives it; `busy`: every slot is taken; else `online`.")
    availability: AvailabilityState = Field(description="Only an `open` runner is given new work.")
    until: Moment | None = Field(description="The end of a pause, or the deadline of a drain.")
    note: str | None = Field(description="Why it was closed.")
    since: Moment | None = Field(description="Since when it is closed.")
    drained: bool = Field(description="Whether it was drained and nothing lives there any more.")
    slots: int
    busy: int = Field(description="How many attempts live there.")
    queues: list[str] = Field(description="The queues it takes from; `*` is all.")
    labels: dict[str, str]
    project: str = Field(description="The project it belongs to.")
    shared_with: list[str] = Field(description="Other projects that may use it; `*` is all.")
    owners: list[str] = Field(description="Whose jobs it takes; `*` is everybody's.")
    revision: int = Field(description="How often it was edited; the `ETag`.")
    driver: str | None = Field(description="The process that drives it, or drove it last.")
    driven_since: Moment | None
    heard_at: Moment | None = Field(description="When its driver was last heard of.")

    @classmethod
    def of(cls, status: RunnerStatus) -> Self:
        """The runner at the moment it was read."""
        runner, driver = status.runner, status.runner.driver
        closed = runner.availability if status.availability is not AvailabilityState.OPEN else None
        return cls(
            id=runner.id,
            name=runner.name,
            kind=runner.kind,
            state=status.state,
            availability=status.availability,
            until=closed.until if closed else None,
            note=closed.note if closed else None,
            since=closed.since if closed else None,
            drained=status.drained,
            slots=runner.slots,
            busy=status.busy,
            queues=list(runner.queues),
            labels=dict(runner.labels),
            project=runner.project,
            shared_with=list(runner.shared_with),
            owners=list(runner.owners),
            revision=runner.revision,
            driver=driver.driver_id if driver else None,
            driven_since=driver.since if driver else None,
            heard_at=driver.heard_at if driver else None,
        )


class RunnersView(BaseModel):
    """All runners, by name."""

    model_config = ConfigDict(frozen=True)

    items: list[RunnerView]
