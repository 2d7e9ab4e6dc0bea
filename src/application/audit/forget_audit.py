"""Forget what the audit trail has kept long enough."""

from dataclasses import dataclass
from datetime import timedelta

from ..ports.audit import TrailWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetAuditCommand:
    """No more than so many entries in one transaction."""

    most: int = 1000


class ForgetAudit:
    """Takes one bounded step from the old end of the trail. With no age it keeps everything for ever."""

    def __init__(self, begin: Begin[TrailWork], age: timedelta | None) -> None:
        self._begin = begin
        self._age = age

    def execute(self, command: ForgetAuditCommand) -> int:
        """How many entries were removed."""
        if self._age is None:
            return 0
        with self._begin() as work:
            gone = work.audit.forget(work.now() - self._age, command.most)
            if gone:
                work.commit()
        return gone
