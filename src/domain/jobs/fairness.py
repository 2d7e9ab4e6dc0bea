"""Fairness between projects, their owners, and the lanes of one owner: who has been given least goes first."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeVar

from .lanes import Lane

K = TypeVar("K", str, tuple[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How much each project, each of its owners and each lane has been given so far: their virtual times.

    One claimer's memory. To lose it is to begin anew, with everybody equal.
    """

    projects: Mapping[str, int] = field(default_factory=dict)
    owners: Mapping[tuple[str, str], int] = field(default_factory=dict)
    lanes: Mapping[str, int] = field(default_factory=dict)

    def after(self, walked: Iterable[Lane], started: Mapping[str, int]) -> "Served":
        """What was started counts; those walked past in vain, being idle, save up nothing.

        `started` counts jobs by the key of their lane; `walked` are the lanes that were looked into.
        """
        lanes = list(walked)
        by_project, by_owner = Counter[str](), Counter[tuple[str, str]]()
        for lane in lanes:
            by_project[lane.project] += started.get(lane.key, 0)
            by_owner[_owner(lane)] += started.get(lane.key, 0)
        given = {lane.key: started.get(lane.key, 0) for lane in lanes}
        return Served(
            projects=_counted(self.projects, by_project),
            owners=_counted(self.owners, by_owner),
            lanes=_counted(self.lanes, given),
        )

    def among(self, lanes: Iterable[Lane]) -> "Served":
        """The same without what these have no part in."""
        known = list(lanes)
        return Served(
            projects=_kept(self.projects, {lane.project for lane in known}),
            owners=_kept(self.owners, {_owner(lane) for lane in known}),
            lanes=_kept(self.lanes, {lane.key for lane in known}),
        )


def fair_order(served: Served, lanes: Iterable[Lane]) -> list[Lane]:
    """The lanes in the order to walk them. Who is new stands before the one that was given least."""
    of_project, of_owner, of_lane = _standing(served.projects), _standing(served.owners), _standing(served.lanes)
    return sorted(lanes, key=lambda lane: (of_project(lane.project), of_owner(_owner(lane)), of_lane(lane.key)))


def walked_lanes(order: Sequence[Lane], started: AbstractSet[str], *, filled: bool) -> Sequence[Lane]:
    """Those of the order that were looked into: up to the last that gave something if that was enough, else all."""
    last = max((place for place, lane in enumerate(order) if lane.key in started), default=-1)
    return order[: last + 1] if filled else order


def _kept(given: Mapping[K, int], known: AbstractSet[K]) -> dict[K, int]:
    return {key: count for key, count in given.items() if key in known}


def _owner(lane: Lane) -> tuple[str, str]:
    return lane.project, lane.owner


def _standing(given: Mapping[K, int]) -> Callable[[K], tuple[int, bool, K]]:
    """By what to sort: how much each has been given; who is new counts as the one that was given least."""
    least = min(given.values(), default=0)
    return lambda key: (given.get(key, least), key in given, key)


def _counted(before: Mapping[K, int], given: Mapping[K, int]) -> dict[K, int]:
    """The counts after; the idle are brought up to the least of those who were given something."""
    if not any(given.values()):
        return dict(before)
    least = min(before.values(), default=0)
    after = {**before, **{key: before.get(key, least) + count for key, count in given.items()}}
    idle = {key for key, count in given.items() if not count}
    active = min((value for key, value in after.items() if key not in idle), default=least)
    return after | {key: max(after[key], active) for key in idle}
