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
from ...domain.runners.runner import Runner
from ..ports.jobs import LaneShare

_CHEAP: Final = timedelta(milliseconds=2)
_CHEAP_PER_JOB: Final = timedelta(microseconds=50)
_SHARE: Final = 20
_LONGEST: Final = timedelta(seconds=1)
_MARGIN: Final = 2_000_000  # microseconds of rank: clocks and commits that are late by so much are still seen


@dataclass(slots=True)
class Claiming:
    """A walk *from the beginning* sees every lane and every place. When such walks are slow (dead rows that a long
    snapshot keeps lie before the living), most walks begin where the last one found something, at its *floor*; a walk
    from the beginning then takes place at least each second and costs a twentieth of the time.
    """

    lanes: Sequence[Lane] = ()
    floors: dict[str, int] = field(default_factory=dict)
    served: Served = Served()
    from_beginning_at: datetime | None = None

    def begin(self, now: datetime) -> bool:
        """Whether this walk is to be one from the beginning."""
        if self.from_beginning_at is not None and now < self.from_beginning_at:
            return False
        self.floors.clear()
        return True

    def order(self, runner: Runner, held: AbstractSet[str]) -> list[Lane]:
        """The lanes to walk for this runner; those of queues that are held back are not."""
        return fair_order(self.served, (lane for lane in self.lanes if lane.queue not in held and lane.fits(runner)))

    def shares(self, order: Sequence[Lane], wanted: int) -> list[LaneShare]:
        """What to take from each."""
        return [LaneShare(lane.key, wanted, self.floors.get(lane.key)) for lane in order]

    def walked(self, order: Sequence[Lane], taken: Sequence[Job], *, wanted: int, begun: datetime) -> None:
        """Where the next walk may begin."""
        found: dict[str, int] = {}
        for job in taken:
            found[job.lane] = min(job.rank, found.get(job.lane, job.rank))
        for lane in walked_lanes(order, found.keys(), filled=len(taken) >= wanted):
            lowest = found.get(lane.key)
            if lowest is not None or lane.key not in self.floors:
                self.floors[lane.key] = (rank(begun, 0) if lowest is None else lowest) - _MARGIN

    def took(self, duration: timedelta, jobs: int, now: datetime) -> None:
        """How long a walk from the beginning took; that decides when to afford the next."""
        cheap = duration <= _CHEAP + jobs * _CHEAP_PER_JOB
        self.from_beginning_at = None if cheap else now + min(_SHARE * duration, _LONGEST)

    def started(self, order: Sequence[Lane], taken: Sequence[Job], *, wanted: int) -> None:
        """What was claimed for good."""
        counts = Counter(job.lane for job in taken)
        walked = walked_lanes(order, counts.keys(), filled=len(taken) >= wanted)
        self.served = self.served.after(walked, counts)
