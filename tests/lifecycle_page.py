"""Writes `docs/job-lifecycle.md` from the table of the domain: `python -m tests.lifecycle_page`."""

from pathlib import Path
from typing import Final

from runyard.domain.jobs.states import FINAL_STATES, LIVE_STATES, TRANSITIONS, JobAction, JobState

PAGE: Final = Path(__file__).parents[1] / "docs" / "job-lifecycle.md"

MEANINGS: Final = {
    JobState.DRAFT: "inputs are still arriving",
    JobState.PENDING: "accepted, not eligible yet; `reason` says why (`scheduled`, `backing_off`, `key_busy`)",
    JobState.QUEUED: "eligible, waiting for a runner",
    JobState.CLAIMED: "assigned to a runner and armed; nothing is known to have started",
    JobState.RUNNING: "its process started",
    JobState.PAUSED: "stopped on request; its run timeout stands still",
    JobState.FINISHING: "its process ended; output or outputs are still on their way",
    JobState.SUCCEEDED: "exit code 0, and nothing else",
    JobState.FAILED: "`reason` says why: `exit_code`, `signal`, `timeout`, `log_limit`, `lost`, `crash_limit`, …",
    JobState.CANCELLED: "ended on request; `end_confirmed` says whether the whole process tree was seen gone",
}

EFFECTS: Final = {
    JobAction.SUBMIT_READY: "accepted, and nothing holds it back",
    JobAction.SUBMIT_HELD: "accepted, to be queued later",
    JobAction.BECOME_ELIGIBLE: "its moment has come by the store's clock, or its concurrency key has a seat for it",
    JobAction.HOLD: "its concurrency key has no seat for it; it stands in line",
    JobAction.EXPIRE: "not started within its `queue_timeout` or `total_timeout`, or turned away by its key when due",
    JobAction.CANCEL_NOW: "no attempt lives, so this is the end at once",
    JobAction.CLAIM: "attempt + 1, fence + 1; a slot of the runner is taken",
    JobAction.ARM: "the start is allowed, after a hello of the host; never with a cancel requested",
    JobAction.CANCEL_UNARMED: "nothing can have started; a later arm fails",
    JobAction.RELEASE_UNARMED: "given back free of charge: it was never armed",
    JobAction.RELEASE_VOID: "given back free of charge: the host promised never to start it",
    JobAction.RELEASE_CANCELLED: "given back while a cancel was requested",
    JobAction.REPORT_STARTED: "the host says that the process runs",
    JobAction.ADOPT: "another driver takes over: the same attempt, fence + 1",
    JobAction.RENEW: "the host was heard of; its dead man's window moves on",
    JobAction.REQUEST_CANCEL: "flagged; nothing is armed any more, what runs is told to stop",
    JobAction.PAUSE: "its processes are stopped",
    JobAction.RESUME: "its processes go on",
    JobAction.EXIT_RECORDED: "the outcome is known, the rest of the log is not stored yet",
    JobAction.SUCCEED: "exit code 0, no cancel requested, the log complete",
    JobAction.FAIL_RETRY: "failed, tries left and the cause is in the retry policy",
    JobAction.FAIL_FINAL: "failed for good",
    JobAction.CONFIRM_CANCEL: "the end was recorded after a cancel was requested; the attempt keeps its true outcome",
    JobAction.LOSE_REQUEUE: "its supervisor died, or its lease ended; counts as a start; `on_lost` is `retry`",
    JobAction.LOSE_FINAL: "lost, and `on_lost` is `fail` or the crash limit of 3 is reached",
    JobAction.LOSE_CANCELLED: "lost while a cancel was requested",
    JobAction.MARK_UNREACHABLE: "its lease ended; `replace` is `after_confirmed_end`, so nothing new starts yet",
    JobAction.FORCE_END: "ended in the books only, by an operator",
}


def page() -> str:
    """The whole page."""
    return "\n".join([*_head(), *_diagram(), *_states(), *_actions(), ""])


def _head() -> list[str]:
    return [
        "# The life of a job",
        "",
        "One table decides what may happen to a job: `TRANSITIONS` in `src/domain/jobs/states.py`, keyed by state and",
        "action. This page is written from it by `python -m tests.lifecycle_page`, and a test compares the two.",
        "",
        "An attempt is one try of a job; the *fence* is a number of the job that grows each time the right to run it",
        "changes hands. A report counts only for the job's live attempt under its current fence, and what a host",
        "recorded as an end is never undone by a loss.",
        "",
    ]


def _diagram() -> list[str]:
    moves: dict[tuple[JobState, JobState], list[str]] = {}
    for (state, action), target in TRANSITIONS.items():
        if state is not target:
            moves.setdefault((state, target), []).append(action.value)
    lines = [f"    {state} --> {target}: {', '.join(actions)}" for (state, target), actions in moves.items()]
    finals = [f"    {state} --> [*]" for state in JobState if state in FINAL_STATES]
    return ["```mermaid", "stateDiagram-v2", "    [*] --> draft", *lines, *finals, "```", ""]


def _states() -> list[str]:
    rows = [f"| `{state}` | {_kind(state)} | {MEANINGS[state]} |" for state in JobState]
    return ["## States", "", "| state | | meaning |", "|---|---|---|", *rows, ""]


def _kind(state: JobState) -> str:
    return "final" if state in FINAL_STATES else "live attempt" if state in LIVE_STATES else "waiting"


def _actions() -> list[str]:
    rows = []
    for action in JobAction:
        sources: dict[JobState, list[str]] = {}
        for (state, taken), target in TRANSITIONS.items():
            if taken is action:
                sources.setdefault(target, []).append(state.value)
        if all(froms == [target.value] for target, froms in sources.items()):
            way = ", ".join(f"stays {target}" if len(sources) == 1 else target.value for target in sources)
            way = way if len(sources) == 1 else f"state stays ({way})"
        else:
            way = "; ".join(f"{', '.join(froms)} → {target}" for target, froms in sources.items())
        rows.append(f"| `{action}` | {way} | {EFFECTS[action]} |")
    return ["## Actions", "", "| action | states | what it means |", "|---|---|---|", *rows]


if __name__ == "__main__":
    PAGE.write_text(page())
