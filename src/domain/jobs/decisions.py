"""What becomes of a job when its attempt ends or is lost: decisions, not moves."""

from dataclasses import dataclass
from datetime import datetime

from .attempt import Outcome
from .limits import CRASH_LIMIT, OnLost, RetryPolicy
from .states import JobAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The action to take and what to say about it; `again` is when to try once more."""

    action: JobAction
    reason: str | None
    message: str | None = None
    again: datetime | None = None


def after_end(
    outcome: Outcome,
    *,
    cancel_requested: bool,
    retry: RetryPolicy,
    failures: int,
    end_by: datetime | None,
    now: datetime,
) -> Decision:
    """The end was recorded; `failures` counts this one if it is one."""
    told = outcome.explained()
    if cancel_requested:
        return Decision(action=JobAction.CONFIRM_CANCEL, reason="cancelled", message=told)
    if outcome.succeeded:
        return Decision(action=JobAction.SUCCEED, reason=None)
    again = retry.next_attempt(outcome.cause, failures, now=now)
    if again is None or (end_by is not None and again >= end_by):
        return Decision(action=JobAction.FAIL_FINAL, reason=outcome.cause.value, message=told)
    return Decision(action=JobAction.FAIL_RETRY, reason="backing_off", message=told, again=again)


def after_loss(why: str, *, cancel_requested: bool, on_lost: OnLost, crashes: int) -> Decision:
    """The attempt was lost; `crashes` counts this one."""
    if cancel_requested:
        return Decision(action=JobAction.LOSE_CANCELLED, reason="cancelled", message=why)
    if on_lost is OnLost.FAIL:
        return Decision(action=JobAction.LOSE_FINAL, reason="lost", message=why)
    if crashes >= CRASH_LIMIT:
        told = f"lost {crashes} times; the last time: {why}"
        return Decision(action=JobAction.LOSE_FINAL, reason="crash_limit", message=told)
    return Decision(action=JobAction.LOSE_REQUEUE, reason="lost", message=why)
