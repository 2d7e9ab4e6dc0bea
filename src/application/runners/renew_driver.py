"""Renew a driver's lease: the heartbeat of whoever drives a runner."""

from dataclasses import dataclass
from datetime import timedelta

from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import DRIVER_LEASE, Runner
from ..ports.work import Begin, RunnersWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewDriverCommand:
    """The runner, and the epoch its driver drives it under. `refuses`: why its host takes nothing for now."""

    runner_id: RunnerId
    epoch: int
    refuses: str | None = None


class RenewDriver:
    """Keeps the lease. Late is accepted as long as nobody took over."""

    def __init__(self, begin: Begin[RunnersWork], lease: timedelta = DRIVER_LEASE) -> None:
        self._begin = begin
        self._lease = lease

    def execute(self, command: RenewDriverCommand) -> Runner:
        """The runner with its lease renewed, or `DriverLost`."""
        with self._begin() as work:
            found, now = work.runners.lock(command.runner_id), work.now()
            heard = found.heard_from(command.epoch, now=now, ttl=found.driver_lease(self._lease))
            runner = heard.refusing(command.refuses, now=now)
            work.runners.save(runner)
            work.commit()
        return runner
