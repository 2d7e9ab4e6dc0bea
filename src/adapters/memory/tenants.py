"""Projects and the owners in them, read to be judged: whose each says it is, and whose what it refers to is."""

from collections import defaultdict
from collections.abc import Iterator

from ...application.ports.tenants import Crossing
from ...domain.accounts.projects import apart
from ...domain.jobs.job import Job
from ...domain.jobs.spec import JobSpec
from ...domain.observability.tenants import Standing
from .state import State


class MemoryTenants:
    """Looks at one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def standings(self) -> list[Standing]:
        live, fresh = defaultdict[tuple[str, str], list[Job]](list), defaultdict[tuple[str, str], list[Job]](list)
        for job, spec in self._jobs():
            if job.live:
                live[spec.project, spec.owner].append(job)
            elif not job.finished and job.attempt is None:
                fresh[spec.project, spec.owner].append(job)
        return [
            Standing(
                project=project,
                owner=owner,
                running=len(live[project, owner]),
                claimed_at=max((job.current.claimed_at for job in live[project, owner]), default=None),
                waiting=len(fresh[project, owner]),
                created_at=max((job.created_at for job in fresh[project, owner]), default=None),
            )
            for project, owner in sorted({*live, *fresh})
        ]

    def crossings(self, limit: int) -> list[Crossing]:
        found = [
            *(Crossing(row, f"there is no project {project!r}") for row, project in self._belonging()),
            *(Crossing(f"job {job.id}", told) for job, spec in self._jobs() for told in self._elsewhere(job, spec)),
            *(Crossing(f"token {token_id}", "was replaced by one of another account") for token_id in self._replaced()),
            *(
                Crossing(f"runner_pass {pass_id}", "was exchanged for one of another runner")
                for pass_id in self._exchanged()
            ),
        ]
        return found[:limit]

    def _jobs(self) -> Iterator[tuple[Job, JobSpec]]:
        return ((job, self._state.specs[job.id]) for job in self._state.jobs.values() if job.id in self._state.specs)

    def _belonging(self) -> Iterator[tuple[str, str]]:
        state = self._state
        named = [
            *((f"job {job.id}", spec.project) for job, spec in self._jobs()),
            *((f"lane {lane.key}", lane.project) for lane in state.lanes.values()),
            *((f"queue_pause {pause.project}/{pause.queue}", pause.project) for pause in state.pauses.values()),
            *((f"runner {runner.id}", runner.project) for runner in state.runners.values()),
            *((f"secret {secret.project}/{secret.name}", secret.project) for secret in state.secrets.values()),
            *((f"project_limit {each.project}/{each.owner}", each.project) for each in state.project_limits.values()),
        ]
        return ((row, project) for row, project in named if project not in state.projects)

    def _elsewhere(self, job: Job, spec: JobSpec) -> Iterator[str]:
        state = self._state
        lane, old = state.lanes.get(job.lane), state.specs.get(spec.rerun_of) if spec.rerun_of else None
        if lane and (lane.project, lane.owner) != (spec.project, spec.owner):
            yield "stands in a lane of another project or owner"
        if job.concurrency and job.concurrency.project != spec.project:
            yield "has a concurrency key of another project"
        if any(apart(name)[0] != spec.project for name, each in state.keys.items() if each.job_id == job.id):
            yield "was submitted under a key of another project"
        parent = state.specs.get(spec.parent) if spec.parent else None
        if parent and (parent.project, parent.owner) != (spec.project, spec.owner):
            yield "was submitted by a job of another project or owner"
        if old and old.project != spec.project:
            yield f"is a rerun of {spec.rerun_of}, of another project"

    def _replaced(self) -> Iterator[str]:
        tokens = self._state.tokens
        for token in tokens.values():
            successor = tokens.get(token.replaced_by) if token.replaced_by else None
            if successor and successor.account_id != token.account_id:
                yield token.id

    def _exchanged(self) -> Iterator[str]:
        passes = self._state.passes
        for each in passes.values():
            following = passes.get(each.replaced_by) if each.replaced_by else None
            if following and following.runner_id != each.runner_id:
                yield each.id
