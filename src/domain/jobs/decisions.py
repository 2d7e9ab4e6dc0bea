"""What becomes of a job when its wait or its attempt ends: decisions, not moves."""

from dataclasses import dataclass
from datetime import datetime

from ..errors import RunyardError
from .attempt import Attempt, Outcome
from .concurrency import KEY_BUSY
from .limits import Deadlines, OnLost
from .states import JobAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The action to take and what to say about it; `again` is when to try once more, `seat` the one the job gets.

    `end_confirmed` counts if the action ends the job: whether every process was seen gone.
    """

    action: JobAction
    reason: str | None = None
    message: str | None = None
    again: datetime | None = None
    seat: int | None = None
    end_confirmed: bool | None = None


def overdue(deadlines: Deadlines, last: Attempt | None, *, now: datetime) -> Decision | None:
    """The job waited longer than a limit of its allows, or None."""
    limit = deadlines.of_wait(tried=last is not None)
    if limit is None or limit > now:
        return None
    late = "total_timeout" if limit == deadlines.end_by else "queue_timeout"
    message = f"not started within its {late}"
    return Decision(action=JobAction.EXPIRE, reason="expired", message=message, end_confirmed=_seen_gone(last))


def eligible(*, needs_seat: bool) -> Decision:
    """The job's time has come; if it has a key but no seat of it, it stands in line."""
    if needs_seat:
        return Decision(action=JobAction.HOLD, reason=KEY_BUSY)
    return Decision(action=JobAction.BECOME_ELIGIBLE)


def let_in(seat: int) -> Decision:
    """The job's key had a seat for it."""
    return Decision(action=JobAction.BECOME_ELIGIBLE, seat=seat)


def turned_away(why: RunyardError) -> Decision:
    """The job became eligible while its key had no seat for it, and it would not or could not wait."""
    return Decision(action=JobAction.EXPIRE, reason=KEY_BUSY, message=str(why), end_confirmed=True)


def cancelled_unstarted(action: JobAction, last: Attempt | None) -> Decision:
    """The job was cancelled while no attempt of it was live."""
    return Decision(action=action, reason="cancelled", end_confirmed=_seen_gone(last))


def _seen_gone(last: Attempt | None) -> bool | None:
    """Of a job whose last attempt was lost without a trace nobody can say that nothing is left."""
    return last.outcome.tree_empty if last and last.outcome else True


def forced(why: str) -> Decision:
    """An operator ended the job in the books."""
    return Decision(action=JobAction.FORCE_END, reason="forced", message=why, end_confirmed=False)


def after_end(outcome: Outcome, *, cancelling: bool, again: datetime | None) -> Decision:
    """The end was recorded; `again` is when the retry policy would try once more."""
    told, seen_gone = outcome.explained(), outcome.tree_empty
    if cancelling:
        action = JobAction.CONFIRM_CANCEL
        return Decision(action=action, reason="cancelled", message=told, end_confirmed=seen_gone)
    if outcome.succeeded:
        return Decision(action=JobAction.SUCCEED, end_confirmed=seen_gone)
    if again is None:
        action, reason = JobAction.FAIL_FINAL, outcome.cause.value
        return Decision(action=action, reason=reason, message=told, end_confirmed=seen_gone)
    return Decision(action=JobAction.FAIL_RETRY, reason="backing_off", message=told, again=again)


def after_loss(
    why: str, seen_gone: bool | None, *, cancelling: bool, on_lost: OnLost, crashes: int, limit: int
) -> Decision:
    """The attempt was lost; `crashes` counts this one, and so many as `limit` are enough."""
    action, reason, told = JobAction.LOSE_REQUEUE, "lost", why
    if cancelling:
        action, reason = JobAction.LOSE_CANCELLED, "cancelled"
    elif on_lost is OnLost.FAIL:
        action = JobAction.LOSE_FINAL
    elif crashes >= limit:
        action, reason, told = JobAction.LOSE_FINAL, "crash_limit", f"lost {crashes} times; the last time: {why}"
    return Decision(action=action, reason=reason, message=told, end_confirmed=seen_gone)
