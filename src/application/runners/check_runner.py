"""Check a runner: look its host over, and keep what was found."""

from dataclasses import dataclass

from ...domain.errors import FieldProblem
from ...domain.runners.check import Finding, HostCheck, Verdict
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.logins import login_place
from ...domain.runners.ssh import SshTarget
from ..ports.secret_work import LoginsReading
from ..ports.ssh_hosts import LookedOver, SshHosts, SshLoginRefused
from ..ports.work import Begin, RunnersWork
from .changing import changed
from .keeping import KeptLogins
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunnerCommand:
    """The runner, by id or name."""

    runner: str


class CheckRunner:
    """Looks from here, beside whoever drives the runner; what runs there is not disturbed."""

    def __init__(
        self, read: Begin[LoginsReading], begin: Begin[RunnersWork], hosts: SshHosts, logins: KeptLogins
    ) -> None:
        self._read = read
        self._begin = begin
        self._hosts = hosts
        self._logins = logins

    def execute(self, command: CheckRunnerCommand) -> RunnerStatus:
        """The runner with what was found, be it good or bad; `InvalidRunner` if it is not reached by ssh."""
        target, seen = self._seen(command.runner)
        return changed(
            self._begin,
            command.runner,
            lambda runner, now: (
                runner.looked_over(HostCheck(now, tuple(seen.findings), seen.cores)) if runner.ssh == target else runner
            ),
        )

    def _seen(self, which: str) -> tuple[SshTarget, LookedOver]:
        with self._read() as reading:
            runner = reading.runners.get(which).runner
            sealed = reading.sealed.get([login_place(runner.id)])
        if runner.ssh is None:
            advice = f"{runner.name!r} is of kind {runner.kind}; only hosts that are reached by ssh are checked"
            raise InvalidRunner([FieldProblem("", advice)])
        try:
            secret = self._logins.opened(runner.id, runner.ssh, sealed)
        except SshLoginRefused as why:
            return runner.ssh, LookedOver([Finding("login", Verdict.REFUSED, str(why))])
        return runner.ssh, self._hosts.look_over(runner.ssh, secret)
