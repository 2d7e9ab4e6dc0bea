"""Add a runner: a host that is reached by ssh becomes one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.runners.check import HostCheck
from ...domain.runners.logins import LoginSecret
from ...domain.runners.runner import Runner, RunnerKind
from ...domain.runners.settings import ALL_QUEUES, RunnerSettings, check_name
from ...domain.runners.ssh import SshTarget
from ..ports.runners import RunnerNameTaken
from ..ports.secret_work import LoginsWork
from ..ports.ssh_hosts import HostUnfit, LookedOver, SshHosts
from ..ports.system import Identifiers
from ..ports.work import Begin
from .keeping import KeptLogins
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRunnerCommand:
    """What it is called and where it is. `slots` None means one per core, or one if the host is not looked over.

    Without `check` the host is believed to be fit; that is for one that is away just now. `secret` is what to log in
    with, if that shall be kept.
    """

    name: str
    target: SshTarget
    secret: LoginSecret | None = None
    slots: int | None = None
    queues: tuple[str, ...] = (ALL_QUEUES,)
    labels: Mapping[str, str] = field(default_factory=dict)
    check: bool = True
    project: str = DEFAULT_PROJECT


class AddRunner:
    """Looks the host over first, with no transaction open, then makes the runner known."""

    def __init__(self, begin: Begin[LoginsWork], identifiers: Identifiers, hosts: SshHosts, logins: KeptLogins) -> None:
        self._begin = begin
        self._identifiers = identifiers
        self._hosts = hosts
        self._logins = logins

    def execute(self, command: AddRunnerCommand) -> RunnerStatus:
        """The runner; `InvalidRunner`, `RunnerNameTaken`, `ProjectNotFound`, or `HostUnfit` saying why."""
        check_name(command.name)
        RunnerSettings(slots=command.slots or 0, queues=command.queues, labels=command.labels)
        target = replace(command.target, login=self._logins.named(command.target.login, command.secret))
        self._free(command.name, command.project)
        seen = self._hosts.look_over(target, command.secret) if command.check else None
        with self._begin() as work:
            now = work.now()
            check = None if seen is None else HostCheck(now, tuple(seen.findings), seen.cores)
            if check is not None and not check.fit:
                raise HostUnfit(f"{target.address} cannot be a runner: {check.refusals}")
            runner = self._made(replace(command, target=target), seen, check)
            work.runners.add(runner)
            self._logins.keep(work.sealed, runner.id, target.login, command.secret)
            work.commit()
        return RunnerStatus(runner, 0, now)

    def _free(self, name: str, project: str) -> None:
        """Sooner than after the look; the store has the last word."""
        with self._begin() as work:
            work.projects.get(project)
            if work.runners.named(name) is not None:
                raise RunnerNameTaken(name)

    def _made(self, command: AddRunnerCommand, seen: LookedOver | None, check: HostCheck | None) -> Runner:
        cores = (seen.cores if seen else None) or 1
        return Runner(
            id=self._identifiers.runner_id(),
            name=command.name,
            kind=RunnerKind.SSH,
            slots=cores if command.slots is None else command.slots,
            queues=command.queues,
            labels=command.labels,
            project=command.project,
            ssh=command.target,
            checked=check,
        )
