"""Limits, and how much of them is used."""

from collections import Counter
from collections.abc import Collection, Iterator

from ...application.ports.limits import Use
from ...domain.jobs.job import Job
from ...domain.jobs.spec import JobSpec
from ...domain.limits.limits import LimitKind, ProjectLimits, Scope
from .state import State


class MemoryLimits:
    """What was set, to read and to change."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[ProjectLimits]:
        return [limits for _, limits in sorted(self._state.project_limits.items())]

    def of(self, projects: Collection[str]) -> list[ProjectLimits]:
        return [limits for limits in self.all() if limits.project in projects]

    def save(self, limits: ProjectLimits) -> None:
        self._state.project_limits[limits.project, limits.owner or ""] = limits


class MemoryUse:
    """Counts jobs, one by one."""

    def __init__(self, state: State) -> None:
        self._state = state

    def running(self, projects: Collection[str]) -> Use:
        live = (spec for job, spec in self._jobs() if job.live and spec.project in projects)
        return dict(Counter((spec.project, spec.owner) for spec in live))

    def waiting(self, scope: Scope, most: int) -> int:
        waiting = (spec for job, spec in self._jobs() if not job.live and not job.finished)
        theirs = (spec for spec in waiting if spec.project == scope.project and scope.owner in (None, spec.owner))
        return min(most, sum(1 for _ in theirs))

    def hold(self, kind: LimitKind, projects: Collection[str]) -> None:
        """Nothing to do: one unit of work holds the whole store."""

    def _jobs(self) -> Iterator[tuple[Job, JobSpec]]:
        return ((job, self._state.specs[job.id]) for job in self._state.jobs.values() if job.id in self._state.specs)
