"""The keys of submissions."""

from collections.abc import Callable, Sequence
from datetime import datetime

from ...application.ports.submission_keys import Reservation, Reserved, Seen
from ...domain.jobs.submission import SubmissionKey
from .state import State


class MemorySubmissionKeys:
    """Keys as use cases reserve and forget them."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now

    def reserve(self, items: Sequence[Reservation]) -> list[Reserved | Seen]:
        return [self._reserved(item) for item in items]

    def release(self, keys: Sequence[SubmissionKey]) -> None:
        for key in keys:
            self._state.keys.pop(key.name, None)

    def forget(self, most: int) -> int:
        now = self._now()
        over = [name for name, item in self._state.keys.items() if item.until <= now][:most]
        for name in over:
            del self._state.keys[name]
        return len(over)

    def _reserved(self, item: Reservation) -> Reserved | Seen:
        first = self._state.keys.setdefault(item.key.name, item)
        return Reserved() if first is item else Seen(first.key.fingerprint, first.job_id, first.until)
