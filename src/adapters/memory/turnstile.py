"""Whom limits turned away."""

from collections import Counter

from ...domain.limits.errors import LimitReached


class MemoryTurnstile:
    """Counts them by the code of the refusal."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def turned_away(self, refusal: LimitReached) -> None:
        self.counted[refusal.code] += 1
