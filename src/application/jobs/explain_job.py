"""Explain a job: why it does not run, or would not if it were submitted now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...domain.jobs.decisions import let_in
from ...domain.jobs.explanation import MOST_AHEAD, Explanation, KeyLine, Obstacle, Surroundings, explained
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.seating import PlaceInLine
from ...domain.jobs.spec import JobSpec
from ...domain.limits.limits import NO_LIMITS, LimitKind, LimitsInForce, UsualLimits
from ...domain.limits.obstacles import too_many_run, too_many_wait
from ..limits.room import by_scope
from ..ports.seats import SeatReading
from ..ports.work import Begin, ExplainReading

_NOT_YET: Final = JobId("ffffffff-ffff-ffff-ffff-ffffffffffff")
"""Stands behind every job of its rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainJobCommand:
    """A job there is, or what would be submitted."""

    job: JobId | JobSpec


class ExplainJob:
    """One look at the store; nothing is reserved by it."""

    def __init__(self, read: Begin[ExplainReading], usual: UsualLimits = NO_LIMITS) -> None:
        self._read = read
        self._usual = usual

    def execute(self, command: ExplainJobCommand) -> Explanation:
        """The explanation, or `JobNotFound`."""
        with self._read() as reading:
            now = reading.now()
            if isinstance(command.job, JobSpec):
                spec = command.job
                job, place = _at_the_key(Job.submitted(_NOT_YET, spec, now=now), reading.seats, now=now)
            else:
                record = reading.jobs.get(command.job)
                job, spec, place = record.job, record.spec, record.place
            line = KeyLine(spec.concurrency.key, place.position, place.holders) if place and spec.concurrency else None
            runners = [(each.runner, each.busy) for each in reading.runners.all()]
            pause = next(
                (each for each in reading.queues.all() if (each.project, each.queue) == (spec.project, spec.queue)),
                None,
            )
            ahead = reading.gauges.ahead(job, MOST_AHEAD)
            limits = tuple(self._limits(reading, spec, new=job.id == _NOT_YET))
            return explained(job, Surroundings(spec.lane, runners, ahead, now, pause, line, limits))

    def _limits(self, reading: ExplainReading, spec: JobSpec, *, new: bool) -> Iterator[Obstacle]:
        """The limits that are reached: of jobs that wait, for a new one, and of jobs that run."""
        in_force = LimitsInForce.of(reading.limits.of([spec.project]), self._usual)
        for bound in in_force.bounds(LimitKind.QUEUED, spec.project, spec.owner) if new else ():
            waiting = reading.use.waiting(bound.scope, bound.most)
            if waiting >= bound.most:
                yield too_many_wait(bound, waiting)
        bounds = in_force.bounds(LimitKind.RUNNING, spec.project, spec.owner)
        running = by_scope(reading.use.running([spec.project])) if bounds else {}
        for bound in bounds:
            if running[bound.scope] >= bound.most:
                yield too_many_run(bound, running[bound.scope])


def _at_the_key(job: Job, seats: SeatReading, *, now: datetime) -> tuple[Job, PlaceInLine | None]:
    """What its key would make of a new job: queued, or in line behind all others."""
    if not job.in_line or job.concurrency is None:
        return job, None
    seating = seats.look(job.concurrency.line).limited_to(job.concurrency.limit)
    if len(seating.free) > seating.waiting:
        return job.decided(let_in(seating.free[0]), now=now), None
    return job, PlaceInLine(seating.waiting + 1, seating.waiting + 1, tuple(seating.held_by))
