"""Check a runner: look its host over, and keep what was found."""

from dataclasses import dataclass

from ...domain.errors import FieldProblem
from ...domain.runners.check import HostCheck
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.ssh import SshTarget
from ..ports.ssh_hosts import SshHosts
from ..ports.work import Begin, Reading, RunnersWork
from .changing import changed
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunnerCommand:
    """The runner, by id or name."""

    runner: str


class CheckRunner:
    """Looks from here, beside whoever drives the runner; what runs there is not disturbed."""

    def __init__(self, read: Begin[Reading], begin: Begin[RunnersWork], hosts: SshHosts) -> None:
        self._read = read
        self._begin = begin
        self._hosts = hosts

    def execute(self, command: CheckRunnerCommand) -> RunnerStatus:
        """The runner with what was found, be it good or bad; `InvalidRunner` if it is not reached by ssh."""
        target = self._target(command.runner)
        seen = self._hosts.look_over(target)
        return changed(
            self._begin,
            command.runner,
            lambda runner, now: (
                runner.looked_over(HostCheck(now, tuple(seen.findings), seen.cores)) if runner.ssh == target else runner
            ),
        )

    def _target(self, which: str) -> SshTarget:
        with self._read() as reading:
            runner = reading.runners.get(which).runner
        if runner.ssh is None:
            advice = f"{runner.name!r} is of kind {runner.kind}; only hosts that are reached by ssh are checked"
            raise InvalidRunner([FieldProblem("", advice)])
        return runner.ssh
