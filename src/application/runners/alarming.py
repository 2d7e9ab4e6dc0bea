"""Raise an alarm: for people to look at, on its runner and in the audit trail, in one transaction."""

from typing import Protocol

from ...domain.audit.entry import HERE, ITSELF, AuditEntry, AuditOutcome, Doer
from ...domain.runners.errors import Shown
from ...domain.runners.runner import Runner
from ..audit import things
from ..audit.acting import Deed
from ..ports.audit import TrailWork
from ..ports.runners import Runners


class AlarmWork(TrailWork, Protocol):
    """A transaction over runners and the trail."""

    @property
    def runners(self) -> Runners:
        """The runners, to change."""


def alarm(work: AlarmWork, runner: Runner, why: str, *, refused: Deed, shown: Shown, address: str | None) -> bool:
    """Whether it was raised, and so has to be committed: not again for a minute, and never for what is no agent."""
    now = work.now()
    alarmed = runner.alarmed(why, now=now)
    if alarmed == runner:
        return False
    thing = things.runner(runner)
    entry = AuditEntry(
        at=now,
        doer=Doer(name=runner.name, kind=ITSELF, token=shown.pass_id),
        address=address or HERE,
        action=refused.action,
        permission=None,
        subject=thing.subject,
        project=thing.project,
        outcome=AuditOutcome.REFUSED,
        reason=shown.why,
        after={"alarm": why},
    )
    work.runners.save(alarmed)
    work.audit.append([entry])
    return True
