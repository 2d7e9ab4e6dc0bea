"""Who is told when something waits: of all who wait for work, as many as there is work for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..runners.ids import RunnerId
from ..runners.runner import Runner
from .lanes import Lane


@dataclass(frozen=True, slots=True)
class Crowd:
    """A lane, and how many jobs wait in it. `room`: how many more may run, by the name of each limit that they are held
    to; it is one room for all lanes under that limit.
    """

    lane: Lane
    jobs: int
    room: Mapping[str, int] = field(default_factory=dict)


def matched(
    crowds: Sequence[Crowd], coming: Mapping[str, int], waiting: Mapping[RunnerId, tuple[Runner, int]]
) -> dict[RunnerId, Lane]:
    """Who shall come for which lane: those who waited longest first, each with so many free slots.

    For so many jobs somebody is `coming`, by the key of their lane. Room is taken by who comes, and by nothing else: a
    lane that nobody would come for leaves it to the others.
    """
    told: dict[RunnerId, Lane] = {}
    taken = Counter[str]()
    for crowd in crowds:
        taken.update(dict.fromkeys(crowd.room, min(crowd.jobs, coming.get(crowd.lane.key, 0))))
    for crowd in crowds:
        rooms = [most - taken[limit] for limit, most in crowd.room.items()]
        left = min([crowd.jobs - coming.get(crowd.lane.key, 0), *rooms])
        for runner_id, (runner, free) in waiting.items():
            if left <= 0:
                break
            if runner_id not in told and free > 0 and crowd.lane.fits(runner):
                told[runner_id] = crowd.lane
                taken.update(dict.fromkeys(crowd.room, min(free, left)))
                left -= free
    return told
