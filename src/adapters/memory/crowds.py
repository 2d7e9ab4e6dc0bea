"""What waits to be claimed."""

from ...domain.jobs.matching import Crowd
from .state import State


class MemoryCrowds:
    """Counts one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self, most: int) -> list[Crowd]:
        counted = ((lane, len(list(self._state.queued(key)))) for key, lane in sorted(self._state.lanes.items()))
        return [Crowd(lane, min(jobs, most)) for lane, jobs in counted if jobs]
