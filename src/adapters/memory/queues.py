"""The queues that are paused."""

from ...domain.jobs.queues import QueuePause
from .state import State


class MemoryQueues:
    """Pauses, to read and to change."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[QueuePause]:
        return [pause for _, pause in sorted(self._state.pauses.items())]

    def pause(self, pause: QueuePause) -> None:
        self._state.pauses[pause.project, pause.queue] = pause

    def resume(self, project: str, queue: str) -> None:
        self._state.pauses.pop((project, queue), None)
