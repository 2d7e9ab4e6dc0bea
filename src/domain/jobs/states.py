"""The life of a job, as one table. The rules and the reason for each are in `docs/job-lifecycle.md`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ..errors import Refusal, RunyardError


class JobState(StrEnum):
    """Where a job is in its life."""

    DRAFT = "draft"
    PENDING = "pending"
    QUEUED = "queued"
    CLAIMED = "claimed"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHING = "finishing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobAction(StrEnum):
    """What can happen to a job. The decision is in the name, so that (state, action) has one target."""

    SUBMIT_READY = "submit_ready"
    SUBMIT_HELD = "submit_held"
    BECOME_ELIGIBLE = "become_eligible"
    HOLD = "hold"
    EXPIRE = "expire"
    CANCEL_NOW = "cancel_now"
    CLAIM = "claim"
    ARM = "arm"
    CANCEL_UNARMED = "cancel_unarmed"
    RELEASE_UNARMED = "release_unarmed"
    RELEASE_VOID = "release_void"
    RELEASE_CANCELLED = "release_cancelled"
    REPORT_STARTED = "report_started"
    ADOPT = "adopt"
    RENEW = "renew"
    REQUEST_CANCEL = "request_cancel"
    PAUSE = "pause"
    RESUME = "resume"
    EXIT_RECORDED = "exit_recorded"
    SUCCEED = "succeed"
    FAIL_RETRY = "fail_retry"
    FAIL_FINAL = "fail_final"
    CONFIRM_CANCEL = "confirm_cancel"
    LOSE_REQUEUE = "lose_requeue"
    LOSE_FINAL = "lose_final"
    LOSE_CANCELLED = "lose_cancelled"
    MARK_UNREACHABLE = "mark_unreachable"
    FORCE_END = "force_end"


_S, _A = JobState, JobAction

_LIFE: Final[Mapping[JobState, Mapping[JobAction, JobState]]] = {
    _S.DRAFT: {
        _A.SUBMIT_READY: _S.QUEUED,
        _A.SUBMIT_HELD: _S.PENDING,
        _A.CANCEL_NOW: _S.CANCELLED,
        _A.EXPIRE: _S.FAILED,
    },
    _S.PENDING: {
        _A.HOLD: _S.PENDING,
        _A.BECOME_ELIGIBLE: _S.QUEUED,
        _A.CANCEL_NOW: _S.CANCELLED,
        _A.EXPIRE: _S.FAILED,
    },
    _S.QUEUED: {
        _A.HOLD: _S.PENDING,
        _A.CLAIM: _S.CLAIMED,
        _A.CANCEL_NOW: _S.CANCELLED,
        _A.EXPIRE: _S.FAILED,
    },
    _S.CLAIMED: {
        _A.ARM: _S.CLAIMED,
        _A.CANCEL_UNARMED: _S.CANCELLED,
        _A.RELEASE_UNARMED: _S.QUEUED,
        _A.RELEASE_VOID: _S.QUEUED,
        _A.RELEASE_CANCELLED: _S.CANCELLED,
        _A.REPORT_STARTED: _S.RUNNING,
    },
    _S.RUNNING: {_A.PAUSE: _S.PAUSED},
    _S.PAUSED: {_A.RESUME: _S.RUNNING},
    _S.FINISHING: {},
}

_WHILE_LIVE: Final[Mapping[JobAction, JobState | None]] = {  # None: the state stays
    _A.ADOPT: None,
    _A.RENEW: None,
    _A.REQUEST_CANCEL: None,
    _A.SUCCEED: _S.SUCCEEDED,
    _A.FAIL_RETRY: _S.PENDING,
    _A.FAIL_FINAL: _S.FAILED,
    _A.CONFIRM_CANCEL: _S.CANCELLED,
    _A.FORCE_END: _S.FAILED,
}

# A recorded exit is a fact that no loss may undo, so `finishing` has none of these.
_BEFORE_THE_EXIT: Final[Mapping[JobAction, JobState | None]] = {
    _A.EXIT_RECORDED: _S.FINISHING,
    _A.LOSE_REQUEUE: _S.QUEUED,
    _A.LOSE_FINAL: _S.FAILED,
    _A.LOSE_CANCELLED: _S.CANCELLED,
    _A.MARK_UNREACHABLE: None,
}

LIVE_STATES: Final = frozenset({_S.CLAIMED, _S.RUNNING, _S.PAUSED, _S.FINISHING})
"""States with an attempt that has not ended."""


def _table() -> dict[tuple[JobState, JobAction], JobState]:
    table = {(state, action): target for state, moves in _LIFE.items() for action, target in moves.items()}
    for state in (state for state in JobState if state in LIVE_STATES):
        shared = _WHILE_LIVE if state is _S.FINISHING else {**_WHILE_LIVE, **_BEFORE_THE_EXIT}
        table |= {(state, action): target or state for action, target in shared.items()}
    return table


TRANSITIONS: Final[Mapping[tuple[JobState, JobAction], JobState]] = _table()
"""Everything that may ever happen. What is not here is refused."""

FINAL_STATES: Final = frozenset(JobState) - {state for state, _ in TRANSITIONS}
"""States nothing leaves; derived, never listed."""


class IllegalTransition(RunyardError):
    """The job's state does not allow the action."""

    refusal = Refusal.CONFLICT
    code = "illegal-transition"

    def __init__(self, state: JobState, action: JobAction) -> None:
        super().__init__(f"a {state} job cannot {action.replace('_', ' ')}")


def next_state(state: JobState, action: JobAction) -> JobState:
    """The state after the action, or `IllegalTransition`."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise IllegalTransition(state, action) from None
