"""Durations by this machine's monotonic clock."""

import time


class MonotonicClock:
    """Never goes back; means nothing on another machine or after a restart."""

    def elapsed(self) -> float:
        return time.monotonic()
