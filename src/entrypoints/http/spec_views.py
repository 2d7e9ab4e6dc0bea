"""What a job was submitted with, as everybody outside sees it."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer

from ...domain.jobs.lanes import Placement
from ...domain.jobs.limits import Backoff, LogLimit, LogPolicy, RetryCause, RetryPolicy


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


Moment = Annotated[datetime, PlainSerializer(_rfc3339, return_type=str)]


class View(BaseModel):
    """What is shown never changes."""

    model_config = ConfigDict(frozen=True)


class BackoffView(View):
    """The wait before try n + 1: `initial * factor ** (n - 1)` seconds, at most `max`."""

    initial: float
    factor: float
    max: float
    jitter: float

    @classmethod
    def of(cls, backoff: Backoff) -> Self:
        return cls(initial=backoff.initial, factor=backoff.factor, max=backoff.max, jitter=backoff.jitter)


class RetryView(View):
    """How often and after what the job is tried again."""

    max_attempts: int
    on: list[RetryCause]
    backoff: BackoffView

    @classmethod
    def of(cls, retry: RetryPolicy) -> Self:
        return cls(max_attempts=retry.max_attempts, on=sorted(retry.on), backoff=BackoffView.of(retry.backoff))


class LogLimitView(View):
    """How many bytes of output an attempt may keep, and what happens beyond."""

    bytes: int
    policy: LogPolicy

    @classmethod
    def of(cls, limit: LogLimit) -> Self:
        return cls(bytes=limit.bytes, policy=limit.policy)


class PlacementView(View):
    """Where the job may run."""

    runner: str | None
    labels: dict[str, str]

    @classmethod
    def of(cls, placement: Placement) -> Self:
        return cls(runner=placement.runner, labels=dict(placement.labels))
