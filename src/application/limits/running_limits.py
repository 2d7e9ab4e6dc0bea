"""What a claim may take under the limits of running jobs."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from ...domain.jobs.job import Job
from ...domain.jobs.lanes import Lane
from ...domain.limits.limits import Bound, LimitKind, LimitsInForce
from ..ports.jobs import LaneShare
from ..ports.work import RunnersWork
from .room import RoomUnderLimits, by_scope


class RunningLimits:
    """Counts what runs while nobody else may claim of the same projects, so that never too many run.

    Nothing of this costs anything where no limit of running jobs concerns the lanes.
    """

    def __init__(self, work: RunnersWork, in_force: LimitsInForce, lanes: Collection[Lane]) -> None:
        self._work = work
        self._bounds: Mapping[str, tuple[Bound, ...]] = {}
        if in_force.has_any(LimitKind.RUNNING):
            bounds = {lane.key: in_force.bounds(LimitKind.RUNNING, lane.project, lane.owner) for lane in lanes}
            self._bounds = {lane: found for lane, found in bounds.items() if found}
        self._room = self._counted()
        self._closed = frozenset(lane for lane in self._bounds if self._left(lane) == 0)

    @property
    def counted(self) -> bool:
        """Whether anything was counted, which may have taken a while: others count, too."""
        return bool(self._bounds)

    def open(self, lanes: Sequence[Lane]) -> list[Lane]:
        """Those of which one more might run; after `take`, those that were looked into."""
        return [lane for lane in lanes if lane.key not in self._closed]

    def take(self, shares: Sequence[LaneShare], most: int) -> list[Job]:
        """What may run of what waits. If lanes under one limit gave too much together, others are asked instead."""
        shares = [self._capped(share) for share in shares]
        taken = self._work.jobs.take(shares, most)
        kept, room = self._fitting(taken)
        for _ in self._bounds:  # each round fills at least one limit more
            if len(kept) == len(taken):
                break
            shares = _without_the_rest(shares, Counter(job.lane for job in kept), self._full(room))
            taken = self._work.jobs.take(shares, most)
            kept, room = self._fitting(taken)
        self._closed |= {share.lane for share in shares if not share.most}
        return kept

    def _counted(self) -> RoomUnderLimits:
        projects = {bound.scope.project for bounds in self._bounds.values() for bound in bounds}
        if not projects:
            return RoomUnderLimits({})
        self._work.use.hold(LimitKind.RUNNING, projects)
        return RoomUnderLimits(by_scope(self._work.use.running(projects)))

    def _left(self, lane: str) -> int | None:
        return self._room.left(self._bounds.get(lane, ()))

    def _capped(self, share: LaneShare) -> LaneShare:
        left = self._left(share.lane)
        return share if left is None else replace(share, most=min(share.most, left))

    def _fitting(self, taken: Sequence[Job]) -> tuple[list[Job], RoomUnderLimits]:
        """Those that may run together, and what room there is then."""
        room, kept = RoomUnderLimits(self._room.used), list[Job]()
        for job in taken:
            bounds = self._bounds.get(job.lane, ())
            if not room.full(bounds):
                room.take(bounds)
                kept.append(job)
        return kept, room

    def _full(self, room: RoomUnderLimits) -> frozenset[str]:
        return frozenset(lane for lane, bounds in self._bounds.items() if room.full(bounds))


def _without_the_rest(shares: Sequence[LaneShare], kept: Mapping[str, int], full: Collection[str]) -> list[LaneShare]:
    return [replace(share, most=kept[share.lane]) if share.lane in full else share for share in shares]
