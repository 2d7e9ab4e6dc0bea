"""Find crowds: where jobs wait that may be claimed now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...domain.jobs.matching import Crowd
from ...domain.jobs.queues import held_back
from ...domain.limits.limits import NO_LIMITS, LimitKind, LimitsInForce, UsualLimits
from ..limits.room import by_scope
from ..ports.crowds import CrowdsReading
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class FindCrowdsCommand:
    """Count up to `most` jobs of each lane."""

    most: int


class FindCrowds:
    """Reads, and claims nothing."""

    def __init__(self, read: Begin[CrowdsReading], usual: UsualLimits = NO_LIMITS) -> None:
        self._read = read
        self._usual = usual

    def execute(self, command: FindCrowdsCommand) -> list[Crowd]:
        """The lanes in which something waits, with the room that limits of running jobs leave beside what runs; but for
        those of queues that are held back, and those for which there is no room.
        """
        with self._read() as reading:
            held = held_back(reading.queues.all(), reading.now())
            waiting = reading.crowds.all(command.most)
            found = [each for each in waiting if (each.lane.project, each.lane.queue) not in held]
            return [*_under_limits(reading, found, self._usual)] if found else []


def _under_limits(reading: CrowdsReading, found: Sequence[Crowd], usual: UsualLimits) -> Iterator[Crowd]:
    in_force = LimitsInForce.of(reading.limits.all(), usual)
    if not in_force.has_any(LimitKind.RUNNING):
        yield from found
        return
    bounds = {each.lane.key: in_force.bounds(LimitKind.RUNNING, each.lane.project, each.lane.owner) for each in found}
    projects = {bound.scope.project for each in bounds.values() for bound in each}
    used = by_scope(reading.use.running(projects) if projects else {})
    for crowd in found:
        room = {str(bound.scope): max(0, bound.most - used[bound.scope]) for bound in bounds[crowd.lane.key]}
        if all(room.values()):
            yield replace(crowd, jobs=min([crowd.jobs, *room.values()]), room=room)
