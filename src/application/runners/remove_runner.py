"""Remove a runner that nobody drives and where nothing lives."""

from dataclasses import dataclass

from ...domain.runners.logins import login_place
from ..ports.secret_work import LoginsWork
from ..ports.work import Begin
from .changing import found


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRunnerCommand:
    """The runner, by id or name."""

    runner: str


class RemoveRunner:
    """Forgets a runner, and what was kept to log in there. Attempts that ran there stay, without its name."""

    def __init__(self, begin: Begin[LoginsWork]) -> None:
        self._begin = begin

    def execute(self, command: RemoveRunnerCommand) -> None:
        """Nothing, or `RunnerInUse`."""
        with self._begin() as work:
            runner = found(work.runners, command.runner)
            busy = work.reading.count_live_on(runner.id)
            work.runners.remove(runner.removable(busy=busy, now=work.now()).id)
            work.sealed.remove([login_place(runner.id)])
            work.commit()
