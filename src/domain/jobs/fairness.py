"""Fairness between owners, and between the lanes of one owner: who has been given least goes first."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from .lanes import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How much each owner and each lane has been given so far: their virtual times.

    One claimer's memory. To lose it is to begin anew, with everybody equal.
    """

    owners: Mapping[str, int] = field(default_factory=dict)
    lanes: Mapping[str, int] = field(default_factory=dict)

    def after(self, walked: Iterable[Lane], started: Mapping[str, int]) -> "Served":
        """What was started counts; those walked past in vain, being idle, save up nothing.

        `started` counts jobs by the key of their lane; `walked` are the lanes that were looked into.
        """
        lanes = list(walked)
        by_owner: dict[str, int] = {}
        for lane in lanes:
            by_owner[lane.owner] = by_owner.get(lane.owner, 0) + started.get(lane.key, 0)
        given = {lane.key: started.get(lane.key, 0) for lane in lanes}
        return Served(owners=_counted(self.owners, by_owner), lanes=_counted(self.lanes, given))


def fair_order(served: Served, lanes: Iterable[Lane]) -> list[Lane]:
    """The lanes in the order to walk them. Who is new stands before the one that was given least."""
    least_owner, least_lane = min(served.owners.values(), default=0), min(served.lanes.values(), default=0)

    def place(lane: Lane) -> tuple[int, bool, str, int, bool, str]:
        of_owner, of_lane = served.owners.get(lane.owner, least_owner), served.lanes.get(lane.key, least_lane)
        return of_owner, lane.owner in served.owners, lane.owner, of_lane, lane.key in served.lanes, lane.key

    return sorted(lanes, key=place)


def walked_lanes(order: Sequence[Lane], started: AbstractSet[str], *, filled: bool) -> Sequence[Lane]:
    """Those of the order that were looked into: up to the last that gave something if that was enough, else all."""
    last = max((place for place, lane in enumerate(order) if lane.key in started), default=-1)
    return order[: last + 1] if filled else order


def _counted(before: Mapping[str, int], given: Mapping[str, int]) -> dict[str, int]:
    """The counts after; the idle are brought up to the least of those who were given something."""
    if not any(given.values()):
        return dict(before)
    least = min(before.values(), default=0)
    after = {**before, **{key: before.get(key, least) + count for key, count in given.items()}}
    idle = {key for key, count in given.items() if not count}
    active = min((value for key, value in after.items() if key not in idle), default=least)
    return after | {key: max(after[key], active) for key in idle}
