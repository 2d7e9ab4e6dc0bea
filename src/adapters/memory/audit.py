"""The audit trail."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ...domain.audit.entry import AuditEntry, AuditFilter, AuditPage
from .state import State


class MemoryAudit:
    """Entries, to read and to add."""

    def __init__(self, state: State) -> None:
        self._entries = state.audit

    def page(self, which: AuditFilter, *, after: int | None, limit: int) -> AuditPage:
        newest = (self._entries[number] for number in sorted(self._entries, reverse=True))
        found = [each for each in newest if which.means(each) and (after is None or each.id < after)][: limit + 1]
        return AuditPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    def oldest(self, *, after: int, limit: int) -> list[AuditEntry]:
        return [self._entries[number] for number in sorted(self._entries) if number > after][:limit]

    def append(self, entries: Sequence[AuditEntry]) -> None:
        for entry in entries:
            number = max(self._entries, default=0) + 1
            self._entries[number] = replace(entry, id=number)

    def forget(self, before: datetime, most: int) -> int:
        old = sorted((entry.at, number) for number, entry in self._entries.items() if entry.at < before)[:most]
        for _, number in old:
            del self._entries[number]
        return len(old)
