"""A clock that stands still until it is told to move."""

from datetime import UTC, datetime, timedelta
from typing import Final

_START: Final = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


class ManualClock:
    """Hands a store its time, and whoever measures durations theirs."""

    def __init__(self, start: datetime = _START) -> None:
        self._start = self._now = start

    def now(self) -> datetime:
        return self._now

    def elapsed(self) -> float:
        return (self._now - self._start).total_seconds()

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def wall_clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)
