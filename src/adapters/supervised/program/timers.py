"""When to look at what again: at most one time per key."""

from __future__ import annotations

import heapq
import time

_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boottime() -> float:
    """Seconds since boot, time in suspend included."""
    return time.clock_gettime(_BOOTTIME)


def boottime_ns() -> int:
    """The same in nanoseconds."""
    return time.clock_gettime_ns(_BOOTTIME)


class Timers:
    """A heap from which nothing needs to be removed at once."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._times: dict[str, float] = {}

    def set(self, key: str, at: float | None) -> None:
        """Look at `key` at that time, or never."""
        if at is None:
            self._times.pop(key, None)
        elif self._times.get(key) != at:
            self._times[key] = at
            heapq.heappush(self._heap, (at, key))
        if len(self._heap) > 64 + 4 * len(self._times):
            self._heap = [(when, name) for name, when in self._times.items()]
            heapq.heapify(self._heap)

    def due(self, now: float) -> list[str]:
        """The keys whose time has come; they are not looked at again unless set again."""
        keys = []
        while self._heap and self._heap[0][0] <= now:
            at, key = heapq.heappop(self._heap)
            if self._times.get(key) == at:
                del self._times[key]
                keys.append(key)
        return keys

    def wait(self, now: float, most: float) -> float:
        """How long nothing is due, at most so long."""
        return min(most, max(0.0, self._heap[0][0] - now)) if self._heap else most
