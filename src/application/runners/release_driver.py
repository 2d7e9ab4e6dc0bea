"""Release a driver: it leaves on purpose, and whoever stands by takes over at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...domain.audit.entry import AuditEntry, AuditOutcome, Doer
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner
from ..audit import things
from ..ports.audit import DriversWork
from ..ports.work import Begin

REACHING: Final = "reach_host"
"""What the trail calls it that a host was not believed to be what it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDriverCommand:
    """The runner, and the epoch its driver drove it under. `trouble`: what keeps the driver from its host;
    `another_host`: that is a key which is not pinned.
    """

    runner_id: RunnerId
    epoch: int
    trouble: str | None = None
    another_host: bool = False


class ReleaseDriver:
    """Ends the lease. Attempts stay as they are: the next driver adopts them. The first time that a host shows a
    certain wrong key the audit trail tells it.
    """

    def __init__(self, begin: Begin[DriversWork]) -> None:
        self._begin = begin

    def execute(self, command: ReleaseDriverCommand) -> None:
        """Free at once, or `DriverLost`: then there was nothing left to give up."""
        with self._begin() as work:
            runner, now = work.runners.lock(command.runner_id), work.now()
            known = runner.trouble.why if runner.trouble else None
            work.runners.save(runner.given_up(command.epoch, now=now, trouble=command.trouble))
            if command.another_host and command.trouble != known:
                work.audit.append([_refused(runner, command.trouble, now)])
            work.commit()


def _refused(runner: Runner, why: str | None, now: datetime) -> AuditEntry:
    """Who the host is nobody knows: that is the point."""
    thing = things.runner(runner)
    return AuditEntry(
        at=now,
        doer=Doer(),
        address=runner.ssh.address if runner.ssh else "",
        action=REACHING,
        permission=None,
        subject=thing.subject,
        project=thing.project,
        outcome=AuditOutcome.REFUSED,
        reason=why,
    )
