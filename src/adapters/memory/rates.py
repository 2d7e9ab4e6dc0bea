"""Buckets of this process."""

from collections.abc import Mapping
from threading import Lock
from typing import Final

from ...application.ports.system import Clock
from ...domain.rates.rate import Bucket, Rate, Taken

MOST_NAMES: Final = 50_000
_FULL: Final = Bucket()


class MemoryRates:
    """Everything under one lock, held for an instant."""

    def __init__(self, clock: Clock, *, most_names: int = MOST_NAMES) -> None:
        self._clock = clock
        self._most = most_names
        self._lock = Lock()
        self._buckets: dict[str, Bucket] = {}

    def take(self, name: str, rate: Rate, amount: float = 1.0) -> Taken:
        with self._lock:
            now = self._clock.elapsed()
            bucket, taken = self._buckets.get(name, _FULL).taking(amount, rate, now=now)
            if taken.granted and amount:
                self._buckets[name] = bucket
                if len(self._buckets) > self._most:
                    self._forget_some(now)
        return taken

    def learn(self, full_in: Mapping[str, float]) -> None:
        """Somebody knows better: these buckets are full in so many seconds."""
        with self._lock:
            now = self._clock.elapsed()
            self._buckets |= {name: Bucket(now + seconds) for name, seconds in full_in.items()}

    def __len__(self) -> int:
        return len(self._buckets)

    def _forget_some(self, now: float) -> None:
        """Those that are full, and if there are still many the half that is nearest to it."""
        left = [(bucket.full_at, name) for name, bucket in self._buckets.items() if bucket.full_at > now]
        if len(left) > self._most // 2:
            left = sorted(left)[-(self._most // 2) :]
        self._buckets = {name: Bucket(full_at) for full_at, name in left}
