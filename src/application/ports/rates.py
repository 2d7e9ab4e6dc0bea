"""How often each has done something lately."""

from collections.abc import Mapping
from typing import Protocol

from ...domain.rates.rate import Rate, Taken


class Rates(Protocol):
    """Buckets by name; a name that was never heard of has a full one.

    Taking is atomic, whoever takes at the same time. It never waits and never fails: where buckets are shared between
    processes, each knows within a second or so what the others have taken, and counts by itself while it cannot learn
    it. What is full again is forgotten; whoever invents names without end makes only those be forgotten early that
    have taken least.
    """

    def take(self, name: str, rate: Rate, amount: float = 1.0) -> Taken:
        """Take so much, or nothing if there is not enough; an amount of 0 only looks, a negative one gives back."""


class OwnRates(Rates, Protocol):
    """Those of one process, which can be told what was taken elsewhere."""

    def learn(self, full_in: Mapping[str, float]) -> None:
        """From now on these buckets are full in so many seconds, whatever was known of them."""
