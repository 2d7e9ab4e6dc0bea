"""Jobs as they are read."""

from collections.abc import Collection

from ...application.ports.jobs import Belonging, JobFilter, JobPage, JobRecord, JobSummary
from ...domain.accounts.access import Reach
from ...domain.jobs.attempt import Attempt
from ...domain.jobs.errors import JobNotFound
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.lanes import Lane
from ...domain.jobs.outline import SpecOutline
from ...domain.jobs.spec import JobSpec
from ...domain.runners.ids import RunnerId
from .seats import MemorySeatReading
from .state import State


class MemoryJobReading:
    """Looks at one state, published or in the making."""

    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, job_id: JobId) -> JobRecord:
        if job_id not in self._state.jobs:
            raise JobNotFound(job_id)
        return self._record(self._state.jobs[job_id])

    def summary(self, job_id: JobId) -> JobSummary:
        record = self.get(job_id)
        return JobSummary(record.job, SpecOutline.of(record.spec), record.place)

    def records(self, ids: Collection[JobId]) -> dict[JobId, JobRecord]:
        return {job_id: self.get(job_id) for job_id in ids if job_id in self._state.jobs}

    def specs(self, ids: Collection[JobId]) -> dict[JobId, JobSpec]:
        return {job_id: self._state.specs[job_id] for job_id in ids if job_id in self._state.specs}

    def page(self, which: JobFilter, *, after: JobId | None, limit: int) -> JobPage:
        older = (job for job in self._state.jobs.values() if after is None or job.id < after)
        found = sorted(
            (job for job in older if _fits(job, self._state.specs[job.id], which)), key=lambda job: job.id, reverse=True
        )
        items = tuple(self.summary(job.id) for job in found[:limit])
        return JobPage(items, items[-1].job.id if items and len(found) > limit else None)

    def attempts(self, job_id: JobId) -> list[Attempt]:
        self.get(job_id)
        return [attempt for ref, attempt in sorted(self._state.attempts.items()) if ref.job_id == job_id]

    def live_on(self, runner_id: RunnerId) -> list[Job]:
        live = (job for job in self._state.jobs.values() if job.live and job.current.runner_id == runner_id)
        return sorted(live, key=lambda job: job.id)

    def whose(self, job_id: JobId) -> Belonging | None:
        spec = self._state.specs.get(job_id)
        return Belonging(spec.project, spec.owner, spec.parent) if spec else None

    def count_live_on(self, runner_id: RunnerId) -> int:
        return len(self.live_on(runner_id))

    def lanes(self) -> list[Lane]:
        return [lane for _, lane in sorted(self._state.lanes.items())]

    def _record(self, job: Job) -> JobRecord:
        return JobRecord(job, self._state.specs[job.id], MemorySeatReading(self._state).places([job.id]).get(job.id))


def _within(job_id: JobId, spec: JobSpec, reach: Reach) -> bool:
    if spec.project in reach.projects or (spec.project in reach.own_in and spec.owner == reach.owner):
        return True
    return job_id == reach.job or (reach.parent is not None and spec.parent == reach.parent)


def _fits(job: Job, spec: JobSpec, which: JobFilter) -> bool:
    if (which.states and job.state not in which.states) or (which.reach and not _within(job.id, spec, which.reach)):
        return False
    said = (which.project, which.owner, which.queue, which.name)
    has = (spec.project, spec.owner, spec.queue, spec.name)
    if any(wanted not in (None, own) for wanted, own in zip(said, has, strict=True)):
        return False
    if not which.labels <= set(spec.labels.items()):
        return False
    if which.created_after and job.created_at < which.created_after:
        return False
    if which.created_before and job.created_at >= which.created_before:
        return False
    part = which.id_part
    return part is None or job.id.startswith(part) or job.id.endswith(part)
