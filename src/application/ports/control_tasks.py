"""Control tasks: short errands done soon, by whoever has a moment. Never the truth, never a long run."""

from typing import Protocol


class ControlTasks(Protocol):
    """Hands errands over. One may be lost or done twice; what decides is in the store, and a tick repeats it."""

    def sweep(self, *, after: float = 0.0) -> None:
        """Sweep the jobs in so many seconds (at most `HORIZON`; a later one is left to the tick).

        Called after a commit; never fails and never waits.
        """


HORIZON = 60.0
"""Seconds; what lies further ahead is found by the tick when its time comes."""
