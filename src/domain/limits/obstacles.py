"""Limits that are in the way of a job, as its explanation tells them."""

from ..jobs.explanation import Obstacle
from .limits import Bound, LimitKind


def too_many_run(bound: Bound, used: int) -> Obstacle:
    """As many run as may; the job stays in its queue."""
    change = f"wait for the end of one of them, or raise it: `{bound.command}`"
    return Obstacle(f"{LimitKind.RUNNING}_limit", bound.told(used), change, 1)


def too_many_wait(bound: Bound, used: int) -> Obstacle:
    """As many wait as may; the job would not be accepted."""
    change = f"wait until fewer wait, or raise it: `{bound.command}`"
    return Obstacle(f"{LimitKind.QUEUED}_limit", f"it would be refused: {bound.told(used)}", change, 1)
