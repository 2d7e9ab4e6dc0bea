"""Hand out jobs: claim for a runner what it has slots for, with all that its host needs to start it."""

from dataclasses import dataclass

from ...domain.jobs.ids import AttemptRef
from ..ports.calling import UseCase
from ..ports.executor import StartOrder
from ..secrets.resolve_secrets import NO_SECRETS, Resolved, ResolveSecretsCommand
from .assign_jobs import AssignJobsCommand, Assignment


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A claimed and armed attempt under its fence: the order to start it, or why it cannot be started."""

    ref: AttemptRef
    fence: int
    order: StartOrder | None
    why: str = ""


class HandOutJobs:
    """One whose secrets cannot be had is claimed all the same: whoever claimed it says that it could not be started."""

    def __init__(
        self,
        assign: UseCase[AssignJobsCommand, list[Assignment]],
        resolve: UseCase[ResolveSecretsCommand, dict[AttemptRef, Resolved]],
    ) -> None:
        self._assign = assign
        self._resolve = resolve

    def execute(self, command: AssignJobsCommand) -> list[HandedOut]:
        """What was claimed; `DriverLost` after a takeover."""
        assigned = self._assign.execute(command)
        needy = {item.job.ref: item.spec for item in assigned if item.spec.secret_names}
        resolved = self._resolve.execute(ResolveSecretsCommand(attempts=needy)) if needy else {}
        return [_handed_out(item, resolved.get(item.job.ref, NO_SECRETS)) for item in assigned]


def _handed_out(assigned: Assignment, resolved: Resolved) -> HandedOut:
    ref, fence = assigned.job.ref, assigned.job.fence
    if resolved.refused:
        return HandedOut(ref, fence, None, str(resolved.refused))
    return HandedOut(ref, fence, _order(assigned, resolved))


def _order(assigned: Assignment, resolved: Resolved) -> StartOrder:
    spec = assigned.spec
    return StartOrder(
        ref=assigned.job.ref,
        command=spec.command,
        env=spec.env,
        secrets=resolved.secrets,
        secret_files=resolved.files,
        cwd=spec.cwd,
        stdin=spec.stdin,
        run_timeout=spec.run_timeout,
        total_timeout=assigned.seconds_left,
        grace_period=spec.grace_period,
        log_limit=spec.log_limit,
        deadman=assigned.deadman,
    )
