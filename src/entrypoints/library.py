"""Runyard for programs: one facade, in this process or over HTTP."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from os import PathLike
from typing import Any, Protocol, Unpack, cast

from .client.accounts import Account, Token
from .client.audit import AuditEntry
from .client.client import connect
from .client.errors import RunyardClientError
from .client.explanations import Explanation
from .client.fields import AgentFields, Command, JobFields, JobRequest, JobsMeant, RunnerFields, SshFields
from .client.jobs import Attempt, Job, JobSummary, Rerun, Submitted
from .client.projects import Project
from .client.queues import Queue
from .client.runner_events import RunnerEvent
from .client.runners import Registration, Runner
from .client.secrets import Rotation, Secret
from .library_parts import YardAccounts, YardAudit, YardProjects, YardSecrets, YardTokens

__all__ = [
    "Account",
    "Attempt",
    "AuditEntry",
    "Command",
    "Job",
    "JobFields",
    "JobRequest",
    "JobSummary",
    "Project",
    "Queue",
    "Rerun",
    "Rotation",
    "Runner",
    "RunnerFields",
    "RunyardClientError",
    "Secret",
    "Submitted",
    "Token",
    "Yard",
    "connect",
    "embedded",
]


class YardRunners(Protocol):
    """The runners of a yard, each called by its name or its id."""

    def list(self) -> tuple[Runner, ...]:
        """All of them, by name."""

    def get(self, runner: str) -> Runner:
        """The runner as it is now."""

    def events(self, runner: str, *, limit: int | None = None) -> Iterator[RunnerEvent]:
        """What happened to it, newest first."""

    def add_ssh(
        self, name: str, *, host: str, user: str, host_keys: Sequence[str], **more: Unpack[SshFields]
    ) -> Runner:
        """Make a host a runner. It is looked over first, unless `check` is false, and refused if it cannot be one."""

    def add_agent(self, name: str, **more: Unpack[AgentFields]) -> tuple[Runner, Registration]:
        """Make a runner of a machine that will come by itself, and a token for it to register with."""

    def invite(self, runner: str, *, expires_in: float | None = None) -> Registration:
        """A new token to register its machine with, or another in its place; those made before are void."""

    def revoke(self, runner: str) -> int:
        """Make all tokens of its machine good no more; how many there were."""

    def host_key(self, host: str, port: int = 22) -> Mapping[str, Any]:
        """The key a host shows: its `type`, its `fingerprint`, and the `key` to pin."""

    def check(self, runner: str) -> Runner:
        """Look its host over; what was found is in `checked`."""

    def edit(self, runner: str, *, revision: int | None = None, **changes: Unpack[RunnerFields]) -> Runner:
        """Change what is given; with a `revision`, only if nobody edited it since."""

    def cordon(self, runner: str, *, note: str | None = None) -> Runner:
        """No new work until it is uncordoned."""

    def uncordon(self, runner: str) -> Runner:
        """It takes new work again, whatever closed it."""

    def pause(
        self, runner: str, *, seconds: float | None = None, until: datetime | None = None, note: str | None = None
    ) -> Runner:
        """No new work until then, or for so many seconds."""

    def drain(
        self, runner: str, *, seconds: float | None = None, until: datetime | None = None, note: str | None = None
    ) -> Runner:
        """No new work. What still runs at the end, if there is one, is cancelled."""

    def remove(self, runner: str) -> None:
        """Forget a runner that nobody drives and where nothing lives."""


class YardQueues(Protocol):
    """The queues of a yard."""

    def list(self, *, project: str | None = None) -> tuple[Queue, ...]:
        """Those in which something waits, and those that are paused, by project and name."""

    def pause(
        self,
        queue: str,
        *,
        project: str = "default",
        reason: str | None = None,
        seconds: float | None = None,
        until: datetime | None = None,
    ) -> Queue:
        """Its jobs wait: until then, for so many seconds, or until it is resumed."""

    def resume(self, queue: str, *, project: str = "default") -> Queue:
        """Its jobs are claimed again."""


class Yard(Protocol):
    """A place jobs are submitted to. What it cannot do, it says with a `RunyardClientError`."""

    @property
    def runners(self) -> YardRunners:
        """The places where jobs run."""

    @property
    def queues(self) -> YardQueues:
        """The queues in which jobs wait."""

    @property
    def projects(self) -> YardProjects:
        """The tenants, to whom all that belongs."""

    @property
    def accounts(self) -> YardAccounts:
        """People and programs."""

    @property
    def tokens(self) -> YardTokens:
        """By which they are known."""

    @property
    def secrets(self) -> YardSecrets:
        """Values that jobs get and nobody reads."""

    @property
    def audit(self) -> YardAudit:
        """Who did what to what: `yard.audit(resource="runner")`."""

    def submit(self, command: Command, *, idempotency_key: str | None = None, **asked: Unpack[JobFields]) -> Job:
        """Accepted for good once this returns. A list is an argv without a shell, a string a script.

        The same again under the same key, within a day, is the same job: `replayed` says so.
        """

    def submit_many(self, jobs: Iterable[JobRequest], *, idempotency_key: str | None = None) -> Iterator[Submitted]:
        """What becomes of each, in the order given; one that is refused hinders no other.

        A job without a key of its own is named by `idempotency_key` and its place.
        """

    def get(self, job_id: str) -> Job:
        """The job as it is now."""

    def list(
        self,
        *,
        state: str | Iterable[str] | None = None,
        id_part: str | None = None,
        limit: int | None = None,
        **which: Unpack[JobsMeant],
    ) -> Iterator[JobSummary]:
        """Jobs in short (`get` tells everything), newest first; `id_part` is a prefix or a suffix of the id."""

    def wait(self, job: JobSummary | str, timeout: float | None = None) -> Job:
        """The job once it has finished; a `TimeoutError` after so many seconds."""

    def logs(
        self,
        job: JobSummary | str,
        *,
        follow: bool = False,
        stream: str | None = None,
        attempt: int | None = None,
    ) -> Iterator[bytes]:
        """The bytes of the output; with `follow`, as they come, of all attempts unless one is named."""

    def cancel(self, job: JobSummary | str) -> Job:
        """Ask for the end. No further attempt starts; what runs gets its grace period."""

    def rerun(self, job: JobSummary | str, *, idempotency_key: str | None = None) -> Job:
        """A new job with the specification of one that has finished; its `rerun_of` names that one."""

    def pause(self, job: JobSummary | str) -> Job:
        """Stop its processes where they are; its run timeout stands still."""

    def resume(self, job: JobSummary | str) -> Job:
        """Let the processes of a paused job go on."""

    def force_finish(self, job: JobSummary | str, reason: str) -> Job:
        """End it in the books, whatever its host says: for hosts that are gone. The reason is kept."""

    def explain(self, job: JobSummary | str) -> Explanation:
        """Why it does not run, if it does not, and the smallest change that would let it."""

    def explain_submission(self, command: Command, **asked: Unpack[JobFields]) -> Explanation:
        """The same for a job that was not submitted; nothing is created."""

    def cancel_many(
        self, *, state: str | Iterable[str] | None = None, dry_run: bool = False, **which: Unpack[JobsMeant]
    ) -> tuple[str, ...]:
        """Cancel all unfinished jobs for which all of this is true; their ids. Something must be said."""

    def rerun_many(
        self,
        *,
        state: str | Iterable[str] | None = None,
        dry_run: bool = False,
        idempotency_key: str | None = None,
        **which: Unpack[JobsMeant],
    ) -> tuple[Rerun, ...]:
        """Run all jobs again for which all of this is true; what became of each. Something must be said.

        Those that have not finished are refused. The same again under the same key, within a day, reruns nothing twice.
        """

    def attempts(self, job: JobSummary | str) -> tuple[Attempt, ...]:
        """All tries so far, first one first."""

    def close(self) -> None:
        """Let go of everything; jobs go on."""


def embedded(data_dir: str | PathLike[str] | None = None, *, slots: int | None = None) -> AbstractContextManager[Yard]:
    """A whole Runyard in this process, its data in `data_dir`. Needs `runyard[server]`."""
    if find_spec("litestar") is None or find_spec("sqlalchemy") is None:
        raise ImportError("an embedded Runyard needs the server's packages: install runyard[server]")
    module = import_module(".embedded.starting", __package__)  # by name, as it imports this module for `Yard`
    return cast("AbstractContextManager[Yard]", module.embedded(data_dir=data_dir, slots=slots))
