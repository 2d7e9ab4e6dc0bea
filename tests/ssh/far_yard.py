"""A supervisor on a host reached by ssh, for one test or several."""

from contextlib import suppress
from uuid import uuid4

from runyard.adapters.supervised.executor import SupervisedExecutor
from runyard.adapters.supervised.ssh.way import ssh_executor
from runyard.application.ports.executor import HostUnreachable, Receipt
from runyard.domain.runners.ids import RunnerId
from tests.integration.server import until

from .sshd import Sshd


class FarYard:
    """Collectors of one runner; `close` leaves nothing running on the host."""

    def __init__(self, sshd: Sshd, **target: object) -> None:
        self.sshd = sshd
        self.runner_id = RunnerId(str(uuid4()))
        self.target = sshd.target(**target)
        self._executors: list[SupervisedExecutor] = []

    def another(self) -> SupervisedExecutor:
        """A further collector; it becomes the newest when it first speaks."""
        executor = ssh_executor(self.runner_id, self.target)
        self._executors.append(executor)
        return executor

    def close(self) -> None:
        """End what runs, and the supervisor."""
        for executor in self._executors:
            executor.close()
        last = self.another()

        def ended() -> bool:
            with suppress(HostUnreachable):
                last.acknowledge([Receipt(ref, 0, final=True) for ref in last.held()])
                return last.stop_supervisor()
            return False

        until(ended)
        last.close()


def end_supervisors(sshd: Sshd) -> None:
    """End the supervisors of all runners on the host, whoever began them, with what they run."""
    for folder in (sshd.account.home / ".runyard").glob("*-*-*-*-*"):
        yard = FarYard(sshd)
        yard.runner_id = RunnerId(folder.name)
        yard.close()
