"""List the audit trail."""

from dataclasses import dataclass

from ...domain.audit.entry import AuditFilter, AuditPage
from ..ports.audit import TrailLook
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAuditCommand:
    """Which entries, older than which, and how many."""

    which: AuditFilter = AuditFilter()
    after: int | None = None
    limit: int = 100


class ListAudit:
    """Reads the trail, newest first."""

    def __init__(self, read: Begin[TrailLook]) -> None:
        self._read = read

    def execute(self, command: ListAuditCommand) -> AuditPage:
        """A page of it; what is written meanwhile does not shift later pages."""
        with self._read() as reading:
            return reading.audit.page(command.which, after=command.after, limit=command.limit)
