"""Hand out jobs: claim for a runner what it has slots for, with all that its host needs to start it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...domain.errors import Refusal, RunyardError
from ...domain.jobs.access import PROJECT_VARIABLE, TOKEN_VARIABLE, URL_VARIABLE
from ...domain.jobs.ids import AttemptRef
from ...domain.runners.runner import RunnerKind
from ..ports.calling import UseCase
from ..ports.executor import StartOrder
from ..secrets.resolve_secrets import NO_SECRETS, Resolved, ResolveSecretsCommand
from .assign_jobs import AssignJobsCommand, Assignment


class NoWayBack(RunyardError):
    """A job asks for access, and nobody knows where its processes would reach this server."""

    refusal = Refusal.CONFLICT
    code = "no-way-back"

    def __init__(self, kind: RunnerKind) -> None:
        super().__init__(
            f"the job asks for access, and at which address jobs of runners of kind {kind.value!r} reach this server "
            "is not known: set RUNYARD_PUBLIC_URL, or submit it without access"
        )


@dataclass(slots=True)
class WayBack:
    """Where jobs reach this server: everywhere at its `public` address if it has one; else, on this machine, at the one
    it listens at, when it does. An agent knows by itself how it reaches its server.
    """

    public: str | None = None
    here: str | None = None

    def variables(self, kind: RunnerKind) -> Mapping[str, str]:
        """What tells it to a job on a runner of this kind, or `NoWayBack`."""
        known = self.public or (self.here if kind is RunnerKind.LOCAL else None)
        if known is None and kind is not RunnerKind.AGENT:
            raise NoWayBack(kind)
        return {URL_VARIABLE: known} if known else {}


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A claimed and armed attempt under its fence: the order to start it, or why it cannot be started."""

    ref: AttemptRef
    fence: int
    order: StartOrder | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Given:
    """What a process is given so that it may ask something here."""

    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


_NOTHING = _Given()


class HandOutJobs:
    """One whose secrets cannot be had is claimed all the same: whoever claimed it says that it could not be started."""

    def __init__(
        self,
        assign: UseCase[AssignJobsCommand, list[Assignment]],
        resolve: UseCase[ResolveSecretsCommand, dict[AttemptRef, Resolved]],
        way_back: WayBack,
    ) -> None:
        self._assign = assign
        self._resolve = resolve
        self._way_back = way_back

    def execute(self, command: AssignJobsCommand) -> list[HandedOut]:
        """What was claimed; `DriverLost` after a takeover."""
        assigned = self._assign.execute(command)
        needy = {item.job.ref: item.spec for item in assigned if item.spec.secret_names}
        resolved = self._resolve.execute(ResolveSecretsCommand(attempts=needy)) if needy else {}
        return [self._handed_out(item, resolved.get(item.job.ref, NO_SECRETS)) for item in assigned]

    def _handed_out(self, assigned: Assignment, resolved: Resolved) -> HandedOut:
        ref, fence = assigned.job.ref, assigned.job.fence
        try:
            if resolved.refused:
                raise resolved.refused
            return HandedOut(ref, fence, _order(assigned, resolved, self._access(assigned)))
        except RunyardError as refused:
            return HandedOut(ref, fence, None, str(refused))

    def _access(self, assigned: Assignment) -> _Given:
        if assigned.token is None:
            return _NOTHING
        where = {**self._way_back.variables(assigned.kind), PROJECT_VARIABLE: assigned.spec.project}
        return _Given(where, {TOKEN_VARIABLE: assigned.token.revealed})


def _order(assigned: Assignment, resolved: Resolved, given: _Given) -> StartOrder:
    """What its job says itself of the variables that it is given counts more, but for the token."""
    spec = assigned.spec
    return StartOrder(
        ref=assigned.job.ref,
        command=spec.command,
        env={**given.env, **spec.env},
        secrets={**resolved.secrets, **given.secrets},
        secret_files=resolved.files,
        cwd=spec.cwd,
        stdin=spec.stdin,
        run_timeout=spec.run_timeout,
        total_timeout=assigned.seconds_left,
        grace_period=spec.grace_period,
        log_limit=spec.log_limit,
        deadman=assigned.deadman,
    )
