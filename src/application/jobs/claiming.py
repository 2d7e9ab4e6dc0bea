"""What one claimer remembers from claim to claim. To lose it costs time, never a job."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ...domain.jobs.fairness import Served, fair_order, walked_lanes
from ...domain.jobs.job import Job
from ...domain.jobs.lanes import Lane
from ...domain.jobs.limits import rank
from ...domain.limits.limits import LimitsInForce
from ...domain.runners.runner import Runner
from ..ports.jobs import LaneShare

_CHEAP: Final = timedelta(milliseconds=2)
_CHEAP_PER_JOB: Final = timedelta(microseconds=50)
_VALID: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(seconds=30)
_MARGIN: Final = 2_000_000  # microseconds of rank: clocks and commits that are late by so much are still seen


@dataclass(slots=True)
class Claiming:
    """A lane walked from its beginning hides nothing. When that is slow (dead rows that a long snapshot keeps lie
    before the living), the next walks of that lane begin at its *floor*, where something was found: for a second, or
    for longer if to walk all lanes from their beginnings that often would take more than half of the time, but never
    for longer than half a minute. Lanes are read again after a second. So are limits, so that a new one counts
    everywhere within a second.
    """

    lanes: Sequence[Lane] = ()
    lanes_until: datetime | None = None
    floors: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    served: Served = Served()
    limits: LimitsInForce = LimitsInForce()
    limits_until: datetime | None = None

    def knows_lanes(self, now: datetime) -> bool:
        """Whether `lanes` need not be read again."""
        return self.lanes_until is not None and now < self.lanes_until

    def learn_lanes(self, lanes: Sequence[Lane]) -> None:
        """These are there now. Of others nothing is remembered for long: who comes back is new."""
        self.lanes = lanes
        if max(len(self.served.lanes), len(self.floors)) > 2 * len(lanes):
            self.served, known = self.served.among(lanes), {lane.key for lane in lanes}
            self.floors = {key: floor for key, floor in self.floors.items() if key in known}

    def knows_limits(self, now: datetime) -> bool:
        """Whether `limits` need not be read again."""
        return self.limits_until is not None and now < self.limits_until

    def learn_limits(self, limits: LimitsInForce, now: datetime) -> None:
        """These were in force at that moment."""
        self.limits, self.limits_until = limits, now + _VALID

    def order(self, runner: Runner, held: AbstractSet[tuple[str, str]]) -> list[Lane]:
        """The lanes to walk for this runner; those of queues that are held back are not."""
        open_lanes = (lane for lane in self.lanes if (lane.project, lane.queue) not in held)
        return fair_order(self.served, (lane for lane in open_lanes if lane.fits(runner)))

    def shares(self, order: Sequence[Lane], wanted: int, now: datetime) -> list[LaneShare]:
        """What to take from each."""
        return [LaneShare(lane.key, wanted, self._floor(lane.key, now)) for lane in order]

    def walked(
        self, order: Sequence[Lane], taken: Sequence[Job], *, wanted: int, begun: datetime, now: datetime
    ) -> None:
        """Where the next walks may begin, after one that lasted from `begun` to `now`."""
        took = now - begun
        slow = took > _CHEAP + len(taken) * _CHEAP_PER_JOB
        lowest: dict[str, int] = {}
        for job in taken:
            lowest[job.lane] = min(job.rank, lowest.get(job.lane, job.rank))
        lanes = [lane.key for lane in walked_lanes(order, lowest.keys(), filled=len(taken) >= wanted)]
        whole = sum(self._floor(lane, begun) is None for lane in lanes)
        until = now + self._lasting(took, whole) if slow else None
        for lane in lanes:
            self._learn(lane, lowest.get(lane), begun=begun, until=until)
        if not self.knows_lanes(begun):  # then they were read by this walk
            self.lanes_until = now + _VALID if slow else None

    def started(self, order: Sequence[Lane], taken: Sequence[Job], *, wanted: int) -> None:
        """What was claimed for good."""
        counts = Counter(job.lane for job in taken)
        walked = walked_lanes(order, counts.keys(), filled=len(taken) >= wanted)
        self.served = self.served.after(walked, counts)

    def _lasting(self, took: timedelta, lanes: int) -> timedelta:
        """How long floors are good for, if it took so long to walk so many lanes from their beginnings."""
        return min(max(_VALID, 2 * took * len(self.lanes) / max(lanes, 1)), _LONGEST)

    def _learn(self, lane: str, lowest: int | None, *, begun: datetime, until: datetime | None) -> None:
        if self._floor(lane, begun) is not None:
            if lowest is not None:
                self.floors[lane] = (lowest - _MARGIN, self.floors[lane][1])
        elif until is not None:
            self.floors[lane] = ((rank(begun, 0) if lowest is None else lowest) - _MARGIN, until)
        else:
            self.floors.pop(lane, None)

    def _floor(self, lane: str, now: datetime) -> int | None:
        floor, until = self.floors.get(lane, (0, now))
        return floor if now < until else None
