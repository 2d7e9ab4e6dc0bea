"""What a change of a job amounts to, as those count it who watch over many."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ..jobs.attempt import Attempt, Ending
from ..jobs.job import UNREACHABLE, Job
from ..jobs.states import JobState


class What(StrEnum):
    """Kinds of happenings."""

    CLAIMED = "claimed"
    STARTED = "started"
    ADOPTED = "adopted"
    RELEASED = "released"
    LOST = "lost"
    UNREACHABLE = "unreachable"
    RETRIED = "retried"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Happening:
    """`detail` is the cause of a retry, or the state and the reason of an end."""

    what: What
    detail: tuple[str, ...] = ()


def happenings(before: Job, after: Job) -> Iterator[Happening]:
    """Everything that this change means; one may mean several things."""
    attempt = after.attempt
    same = before.attempt is not None and attempt is not None and before.attempt.number == attempt.number
    if attempt and not same:
        yield Happening(What.CLAIMED)
    if attempt and attempt.started_at and not (same and before.attempt and before.attempt.started_at):
        yield Happening(What.STARTED)
    if same and after.live and after.fence > before.fence:
        yield Happening(What.ADOPTED)
    if attempt and not attempt.live and not (same and before.attempt and not before.attempt.live):
        yield from _ended(attempt, after)
    if same and after.live and after.reason == UNREACHABLE != before.reason:
        yield Happening(What.UNREACHABLE)
    if after.finished and not before.finished:
        yield Happening(What.ENDED, (after.state.value, after.reason or ""))


def _ended(attempt: Attempt, after: Job) -> Iterator[Happening]:
    if attempt.outcome is None:
        return
    if attempt.outcome.ending is Ending.RELEASED:
        yield Happening(What.RELEASED)
    if attempt.outcome.ending in (Ending.LOST, Ending.DEADMAN):
        yield Happening(What.LOST)
    if after.state is JobState.PENDING and after.reason == "backing_off":
        yield Happening(What.RETRIED, (attempt.outcome.cause.value,))
