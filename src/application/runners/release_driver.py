"""Release a driver: it leaves on purpose, and whoever stands by takes over at once."""

from dataclasses import dataclass

from ...domain.runners.ids import RunnerId
from ..ports.work import Begin, RunnersWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDriverCommand:
    """The runner, and the epoch its driver drove it under. `trouble`: what keeps the driver from its host."""

    runner_id: RunnerId
    epoch: int
    trouble: str | None = None


class ReleaseDriver:
    """Ends the lease. Attempts stay as they are: the next driver adopts them."""

    def __init__(self, begin: Begin[RunnersWork]) -> None:
        self._begin = begin

    def execute(self, command: ReleaseDriverCommand) -> None:
        """Free at once, or `DriverLost`: then there was nothing left to give up."""
        with self._begin() as work:
            runner = work.runners.lock(command.runner_id)
            work.runners.save(runner.given_up(command.epoch, now=work.now(), trouble=command.trouble))
            work.commit()
