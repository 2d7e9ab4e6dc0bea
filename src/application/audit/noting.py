"""Collections that note what is done to them, around those of a unit of work, which know nothing of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from ...domain.accounts.account import Account
from ...domain.accounts.ids import AccountId, TokenId
from ...domain.accounts.projects import Project
from ...domain.accounts.tokens import Token
from ...domain.audit.entry import Subject
from ...domain.jobs.queues import QueuePause
from ...domain.limits.limits import ProjectLimits
from ...domain.runners.ids import RunnerId
from ...domain.runners.passes import RunnerPass
from ...domain.runners.runner import Runner
from ...domain.secrets.sealing import Place, Sealed
from ...domain.secrets.secret import Secret
from ..ports.accounts import AccountReading, Accounts, Tokens
from ..ports.audit import TrailWork
from ..ports.jobs import BelongingReading, Change, Jobs, NewJob
from ..ports.limits import Limits
from ..ports.passes import Passes
from ..ports.projects import Projects
from ..ports.queues import Queues
from ..ports.runners import Runners
from ..ports.sealing import SealedValues
from ..ports.secrets import Secrets
from . import things
from .notes import Notes
from .things import SEALING_KEY, Thing

P = TypeVar("P")


class Whole(TrailWork, Protocol):
    """A unit of work over everything, of which this needs the rest to say whose things are."""

    @property
    def accounts(self) -> AccountReading:
        """The accounts."""

    @property
    def reading(self) -> BelongingReading:
        """Whose jobs are."""

    @property
    def runners(self) -> Runners:
        """Whose passes are."""


class _Noting(Generic[P]):
    """All that is not noted is as it was."""

    def __init__(self, inner: P, notes: Notes, work: Whole) -> None:
        self._inner = inner
        self._notes = notes
        self._work = work

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class NotingAccounts(_Noting[Accounts]):
    def get(self, account_id: AccountId) -> Account | None:
        found = self._inner.get(account_id)
        if found is not None:
            self._notes.seen(things.account(found))
        return found

    def named(self, name: str) -> Account:
        found = self._inner.named(name)
        self._notes.seen(things.account(found))
        return found

    def add(self, account: Account) -> None:
        self._inner.add(account)
        self._notes.is_now(things.account(account))

    def save(self, account: Account) -> None:
        self._inner.save(account)
        self._notes.is_now(things.account(account))


class NotingTokens(_Noting[Tokens]):
    def get(self, token_id: TokenId) -> Token:
        found = self._inner.get(token_id)
        self._notes.seen(self._thing(found))
        return found

    def add(self, token: Token) -> None:
        self._inner.add(token)
        self._notes.is_now(self._thing(token))

    def save(self, token: Token) -> None:
        self._inner.save(token)
        self._notes.is_now(self._thing(token))

    def _thing(self, token: Token) -> Thing:
        owner = self._work.accounts.get(token.account_id)
        return things.token(token, owner.name if owner else None)


class NotingProjects(_Noting[Projects]):
    def add(self, project: Project) -> None:
        self._inner.add(project)
        self._notes.is_now(things.project(project))


class NotingRunners(_Noting[Runners]):
    def lock(self, runner_id: RunnerId) -> Runner:
        found = self._inner.lock(runner_id)
        self._notes.seen(things.runner(found))
        return found

    def named(self, name: str) -> Runner | None:
        found = self._inner.named(name)
        if found is not None:
            self._notes.seen(things.runner(found))
        return found

    def add(self, runner: Runner) -> None:
        self._inner.add(runner)
        self._notes.is_now(things.runner(runner))

    def save(self, runner: Runner) -> None:
        self._inner.save(runner)
        self._notes.is_now(things.runner(runner))

    def remove(self, runner_id: RunnerId) -> None:
        gone = things.runner(self._inner.lock(runner_id))
        self._inner.remove(runner_id)
        self._notes.is_gone(gone)


class NotingPasses(_Noting[Passes]):
    """They are told among the fields of their runner, each that is another one than it was."""

    def get(self, pass_id: TokenId) -> RunnerPass | None:
        found = self._inner.get(pass_id)
        if found is not None:
            self._notes.part_seen(_called(found), things.runner_token(found))
        return found

    def of(self, runner_id: RunnerId) -> list[RunnerPass]:
        found = self._inner.of(runner_id)
        for each in found:
            self._notes.part_seen(_called(each), things.runner_token(each))
        return found

    def add(self, runner_pass: RunnerPass) -> None:
        self._inner.add(runner_pass)
        self._is_now(runner_pass)

    def save(self, runner_pass: RunnerPass) -> None:
        self._inner.save(runner_pass)
        self._is_now(runner_pass)

    def _is_now(self, runner_pass: RunnerPass) -> None:
        whose = things.runner(self._work.runners.lock(runner_pass.runner_id))
        self._notes.part_is_now(whose, _called(runner_pass), things.runner_token(runner_pass))


def _called(runner_pass: RunnerPass) -> str:
    return f"token {runner_pass.id}"


class NotingQueues(_Noting[Queues]):
    def pause(self, pause: QueuePause) -> None:
        self._see(pause.project, pause.queue)
        self._inner.pause(pause)
        self._notes.is_now(things.queue(pause.project, pause.queue, pause))

    def resume(self, project: str, queue: str) -> None:
        self._see(project, queue)
        self._inner.resume(project, queue)
        self._notes.is_now(things.queue(project, queue, None))

    def _see(self, project: str, queue: str) -> None:
        paused = [each for each in self._inner.all() if (each.project, each.queue) == (project, queue)]
        self._notes.seen(things.queue(project, queue, paused[0] if paused else None))


class NotingSecrets(_Noting[Secrets]):
    def set(self, project: str, name: str, *, by: str, at: datetime) -> Secret:
        self._see(project, name)
        secret = self._inner.set(project, name, by=by, at=at)
        self._notes.is_now(things.secret(project, name, secret))
        return secret

    def remove(self, project: str, name: str) -> bool:
        self._see(project, name)
        gone = self._inner.remove(project, name)
        self._notes.is_now(things.secret(project, name, None))
        return gone

    def _see(self, project: str, name: str) -> None:
        found = [each for each in self._inner.all(project) if each.name == name]
        self._notes.seen(things.secret(project, name, found[0] if found else None))


class NotingLimits(_Noting[Limits]):
    def of(self, projects: Collection[str]) -> list[ProjectLimits]:
        found = self._inner.of(projects)
        for each in found:
            self._notes.seen(things.limits(each))
        return found

    def save(self, limits: ProjectLimits) -> None:
        self._inner.save(limits)
        self._notes.is_now(things.limits(limits))


class NotingSealed(_Noting[SealedValues]):
    def not_under(self, key: str, *, after: Place | None, limit: int) -> list[tuple[Place, Sealed]]:
        self._notes.seen(Thing(Subject(kind=SEALING_KEY, id=key), None))
        return self._inner.not_under(key, after=after, limit=limit)


class NotingJobs(_Noting[Jobs]):
    def save_all(self, changes: Sequence[Change]) -> None:
        self._inner.save_all(changes)
        self._notes.moved(changes)

    def add_all(self, jobs: Sequence[NewJob]) -> None:
        self._inner.add_all(jobs)
        self._notes.created += jobs


NOTING: Final[Mapping[str, Callable[..., object]]] = {
    "accounts": NotingAccounts,
    "tokens": NotingTokens,
    "projects": NotingProjects,
    "runners": NotingRunners,
    "passes": NotingPasses,
    "queues": NotingQueues,
    "secrets": NotingSecrets,
    "limits": NotingLimits,
    "sealed": NotingSealed,
    "jobs": NotingJobs,
}
"""By the name that the collection has in a unit of work."""
