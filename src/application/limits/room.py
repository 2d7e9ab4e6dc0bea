"""How much room there is under limits, while it is taken."""

from collections import Counter
from collections.abc import Iterable, Mapping

from ...domain.limits.limits import Bound, Scope
from ..ports.limits import Use


class RoomUnderLimits:
    """What is used, by scope; it grows as it is taken."""

    def __init__(self, used: Mapping[Scope, int]) -> None:
        self.used = Counter(used)

    def left(self, bounds: Iterable[Bound]) -> int | None:
        """How many more fit under all of these; None is any number."""
        return min((max(0, bound.most - self.used[bound.scope]) for bound in bounds), default=None)

    def full(self, bounds: Iterable[Bound]) -> Bound | None:
        """The first of these under which nothing more fits."""
        return next((bound for bound in bounds if self.used[bound.scope] >= bound.most), None)

    def take(self, bounds: Iterable[Bound]) -> None:
        """One more, under all of these."""
        self.used.update(bound.scope for bound in bounds)


def by_scope(use: Use) -> Counter[Scope]:
    """The same for owners, and for their projects."""
    counted = Counter[Scope]()
    for (project, owner), many in use.items():
        counted[Scope(project)] += many
        counted[Scope(project, owner)] += many
    return counted
