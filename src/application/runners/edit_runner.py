"""Edit a runner: its slots, queues and labels, who may use it, and where it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...domain.errors import FieldProblem
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.logins import LoginSecret
from ...domain.runners.runner import Runner
from ...domain.runners.settings import RunnerSettings
from ...domain.runners.ssh import HostKey, SshLogin, SshTarget
from ..ports.rings import READY, Rings, about_runner
from ..ports.secret_work import LoginsWork
from ..ports.work import Begin
from .changing import found
from .keeping import KeptLogins
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEdit:
    """What shall be different about the way to a host; None leaves things as they are."""

    host: str | None = None
    port: int | None = None
    user: str | None = None
    login: SshLogin | None = None
    host_keys: tuple[HostKey, ...] | None = None

    def applied(self, target: SshTarget | None) -> SshTarget | None:
        """The target, edited; a runner without one keeps none, and then nothing may be asked."""
        asked: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        given = {name: value for name, value in asked.items() if value is not None}
        if target is None and given:
            advice = "only a runner of kind ssh has this"
            pointers = ("key" if name == "login" else name for name in given)
            raise InvalidRunner([FieldProblem(f"/{name}", advice) for name in pointers])
        return target and target.edited(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRunnerCommand:
    """The runner, by id or name, and what shall be different; None leaves things as they are.

    `revision` is the one that the editor has seen; None edits whatever there is. `secret` belongs to the login of the
    target, if that shall be kept.
    """

    runner: str
    revision: int | None = None
    slots: int | None = None
    queues: tuple[str, ...] | None = None
    labels: Mapping[str, str] | None = None
    shared_with: tuple[str, ...] | None = None
    owners: tuple[str, ...] | None = None
    target: TargetEdit = TargetEdit()
    secret: LoginSecret | None = None

    def applied(self, runner: Runner) -> Runner:
        """The runner, edited."""
        settings = RunnerSettings(
            slots=runner.slots if self.slots is None else self.slots,
            queues=runner.queues if self.queues is None else self.queues,
            labels=runner.labels if self.labels is None else self.labels,
            shared_with=runner.shared_with if self.shared_with is None else self.shared_with,
            owners=runner.owners if self.owners is None else self.owners,
        )
        return runner.edited(settings, revision=self.revision, target=self.target.applied(runner.ssh))


class EditRunner:
    """Edits outlive a restart: registering the runner again does not undo them."""

    def __init__(self, begin: Begin[LoginsWork], rings: Rings, logins: KeptLogins) -> None:
        self._begin = begin
        self._rings = rings
        self._logins = logins

    def execute(self, command: EditRunnerCommand) -> RunnerStatus:
        """The runner as edited, `RunnerEditedMeanwhile`, or `InvalidRunner`. Fewer slots end nothing that runs."""
        login = command.target.login
        if login is not None:
            login = self._logins.named(login, command.secret)
            command = replace(command, target=replace(command.target, login=login))
        with self._begin() as work:
            before, now = found(work.runners, command.runner), work.now()
            after = command.applied(before)
            if after != before:
                work.runners.save(after)
            if after.ssh is not None and login is not None:
                self._logins.keep(work.sealed, after.id, after.ssh.login, command.secret)
            status = RunnerStatus(after, work.reading.count_live_on(after.id), now)
            work.commit()
        self._rings.ring({READY, about_runner(after.id)})
        return status
