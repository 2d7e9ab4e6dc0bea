import itertools

import pytest

from runyard.domain.errors import Refusal
from runyard.domain.jobs.states import (
    FINAL_STATES,
    LIVE_STATES,
    TRANSITIONS,
    IllegalTransition,
    JobAction,
    JobState,
    next_state,
)

S, A = JobState, JobAction
EXIT_UNKNOWN = LIVE_STATES - {S.FINISHING}

# The rows of the model-checked table, written out once more and independently: states before, action, state after.
ROWS = [
    ({S.DRAFT}, A.SUBMIT_READY, S.QUEUED),
    ({S.DRAFT}, A.SUBMIT_HELD, S.PENDING),
    ({S.PENDING}, A.BECOME_ELIGIBLE, S.QUEUED),
    ({S.PENDING, S.QUEUED}, A.HOLD, S.PENDING),
    ({S.DRAFT, S.PENDING, S.QUEUED}, A.CANCEL_NOW, S.CANCELLED),
    ({S.DRAFT, S.PENDING, S.QUEUED}, A.EXPIRE, S.FAILED),
    ({S.QUEUED}, A.CLAIM, S.CLAIMED),
    ({S.CLAIMED}, A.ARM, S.CLAIMED),
    ({S.CLAIMED}, A.CANCEL_UNARMED, S.CANCELLED),
    ({S.CLAIMED}, A.RELEASE_UNARMED, S.QUEUED),
    ({S.CLAIMED}, A.RELEASE_VOID, S.QUEUED),
    ({S.CLAIMED}, A.RELEASE_CANCELLED, S.CANCELLED),
    ({S.CLAIMED}, A.REPORT_STARTED, S.RUNNING),
    (LIVE_STATES, A.ADOPT, None),
    (LIVE_STATES, A.RENEW, None),
    (LIVE_STATES, A.REQUEST_CANCEL, None),
    ({S.RUNNING}, A.PAUSE, S.PAUSED),
    ({S.PAUSED}, A.RESUME, S.RUNNING),
    (EXIT_UNKNOWN, A.EXIT_RECORDED, S.FINISHING),
    (LIVE_STATES, A.SUCCEED, S.SUCCEEDED),
    (LIVE_STATES, A.FAIL_RETRY, S.PENDING),
    (LIVE_STATES, A.FAIL_FINAL, S.FAILED),
    (LIVE_STATES, A.CONFIRM_CANCEL, S.CANCELLED),
    (EXIT_UNKNOWN, A.LOSE_REQUEUE, S.QUEUED),
    (EXIT_UNKNOWN, A.LOSE_FINAL, S.FAILED),
    (EXIT_UNKNOWN, A.LOSE_CANCELLED, S.CANCELLED),
    (EXIT_UNKNOWN, A.MARK_UNREACHABLE, None),
    (LIVE_STATES, A.FORCE_END, S.FAILED),
]
ALLOWED = {(state, action): after or state for states, action, after in ROWS for state in states}


@pytest.mark.parametrize(("state", "action"), sorted(ALLOWED))
def test_an_allowed_action_leads_where_the_model_says(state, action):
    assert next_state(state, action) is ALLOWED[state, action]


@pytest.mark.parametrize(("state", "action"), sorted(set(itertools.product(S, A)) - set(ALLOWED)))
def test_everything_else_is_refused_in_words(state, action):
    with pytest.raises(IllegalTransition) as caught:
        next_state(state, action)

    assert str(caught.value) == f"a {state.value} job cannot {action.value.replace('_', ' ')}"
    assert caught.value.refusal is Refusal.CONFLICT


def test_every_action_is_possible_somewhere():
    assert {action for _, action in TRANSITIONS} == set(JobAction)


def test_final_states_are_those_nothing_leaves():
    assert {S.SUCCEEDED, S.FAILED, S.CANCELLED} == FINAL_STATES


def test_every_state_can_still_reach_a_final_one():
    reaching = set(FINAL_STATES)
    for _ in JobState:
        reaching |= {state for (state, _), after in TRANSITIONS.items() if after in reaching}

    assert reaching == set(JobState)


def test_a_recorded_exit_cannot_be_undone_by_any_loss():
    losses = {A.LOSE_REQUEUE, A.LOSE_FINAL, A.LOSE_CANCELLED, A.MARK_UNREACHABLE}

    assert not losses & {action for state, action in TRANSITIONS if state is S.FINISHING}
