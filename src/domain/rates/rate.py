"""A bucket that fills steadily: so many at once after a pause, so many a second on average."""

from dataclasses import dataclass
from math import floor
from typing import Self

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most `most` at once, and `per_second` on average."""

    per_second: float
    most: float

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.most < 1:
            raise ValueError("a rate lets at least one pass now and then")

    @property
    def window(self) -> float:
        """In so many seconds an empty bucket is full."""
        return self.most / self.per_second


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of taking from a bucket: all of it, or nothing.

    `left`: how many may follow at once; `again`: in how many seconds there is one more; `full`: in how many it is full.
    """

    granted: bool
    left: int
    again: float
    full: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """Full at that moment of some clock, unless somebody takes from it before; full by now if that has passed."""

    full_at: float = 0.0

    def taking(self, amount: float, rate: Rate, *, now: float) -> tuple[Self, Taken]:
        """The bucket afterwards, and what came of it."""
        full_at = max(self.full_at, now) + amount / rate.per_second
        granted = (full_at - now) * rate.per_second <= rate.most + _ROUNDING
        after = type(self)(full_at) if granted else self
        missing = max(0.0, after.full_at - now) * rate.per_second
        return after, Taken(
            granted=granted,
            left=max(0, floor(rate.most - missing + _ROUNDING)),
            again=max(0.0, missing + 1 - rate.most) / rate.per_second,
            full=missing / rate.per_second,
        )
