"""Whether new jobs fit under the limits of their projects and owners."""

from collections.abc import Iterable, Mapping

from ...domain.accounts.projects import within
from ...domain.jobs.ids import JobId
from ...domain.jobs.spec import JobSpec
from ...domain.limits.errors import LimitReached, SubmittedTooOften, TooManyQueued
from ...domain.limits.limits import NO_LIMITS, Bound, LimitKind, LimitsInForce, UsualLimits
from ...domain.rates.rate import Rate
from ..ports.limits import LimitedWork
from ..ports.rates import Rates
from ..ports.turnstile import Turnstile
from .room import RoomUnderLimits

_SECONDS = 60


class SubmissionLimits:
    """Says which submissions are refused, in the transaction that stores the others: so there are never too many."""

    def __init__(self, rates: Rates, turnstile: Turnstile, usual: UsualLimits = NO_LIMITS) -> None:
        self._rates = rates
        self._turnstile = turnstile
        self._usual = usual

    def refusals(self, work: LimitedWork, specs: Mapping[JobId, JobSpec]) -> dict[JobId, LimitReached]:
        """Why each of these is refused, first come, first served."""
        projects = {spec.project for spec in specs.values()}
        in_force = LimitsInForce.of(work.limits.of(projects) if projects else (), self._usual)
        room = _room(work, in_force, specs.values())
        refused: dict[JobId, LimitReached] = {}
        for job_id, spec in specs.items():
            queued = in_force.bounds(LimitKind.QUEUED, spec.project, spec.owner)
            full = room.full(queued)
            refusal = TooManyQueued(full, room.used[full.scope]) if full else self._too_often(in_force, spec)
            if refusal:
                refused[job_id] = refusal
                self._turnstile.turned_away(refusal)
            else:
                room.take(queued)
        return refused

    def _too_often(self, in_force: LimitsInForce, spec: JobSpec) -> SubmittedTooOften | None:
        """Counts the submission under all of its limits, or under none."""
        bounds = in_force.bounds(LimitKind.SUBMISSIONS, spec.project, spec.owner)
        for bound in bounds:
            seen = self._rates.take(_name(bound), _rate(bound), 0)
            if seen.left < 1:
                return SubmittedTooOften(bound, seen.again)
        for bound in bounds:
            self._rates.take(_name(bound), _rate(bound))
        return None


def _room(work: LimitedWork, in_force: LimitsInForce, specs: Iterable[JobSpec]) -> RoomUnderLimits:
    """What waits now, counted while nobody else may add to it."""
    bounds = {bound for spec in specs for bound in in_force.bounds(LimitKind.QUEUED, spec.project, spec.owner)}
    if bounds:
        work.use.hold(LimitKind.QUEUED, {bound.scope.project for bound in bounds})
    return RoomUnderLimits({bound.scope: work.use.waiting(bound.scope, bound.most) for bound in bounds})


def _name(bound: Bound) -> str:
    scope = bound.scope
    if scope.owner is None:
        return f"submissions:project:{scope.project}"
    return f"submissions:owner:{within(scope.project, scope.owner)}"


def _rate(bound: Bound) -> Rate:
    return Rate(per_second=bound.most / _SECONDS, most=bound.most)
