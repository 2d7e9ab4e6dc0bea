"""What must hold of the audit trail: what it has told last is so, and nobody got what they have without it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from ..audit.entry import AuditEntry, AuditOutcome, Fields, Told

TOLD: Final = ("trail", "What accounts and tokens may do, and which jobs were ended by force, the audit trail has told")
"""Judged of what came to be since the trail began, as far as it is kept: of what is older nobody knows."""

_BEGINNINGS: Final = frozenset({"create_account", "create_token", "log_in"})
FORCED: Final = "force_finish"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the trail says of one thing: its fields as it told them last; `whole`: from the beginning on."""

    fields: Mapping[str, Told] = field(default_factory=dict)
    whole: bool = False

    def after(self, entry: AuditEntry) -> Self:
        """With what this entry says, which is younger."""
        names = {*entry.before, *entry.after}
        fields = {**self.fields, **{name: entry.after.get(name) for name in names}}
        return type(self)(fields, self.whole or (not self.fields and entry.action in _BEGINNINGS))

    def otherwise(self, now: Fields) -> Iterator[str]:
        """A sentence for each field that is not as it was told."""
        names = {*self.fields, *now} if self.whole else set(self.fields)
        for name in sorted(names):
            told, is_so = self.fields.get(name), now.get(name)
            if told != is_so:
                yield f"{name} is {_said(is_so)}, and the trail says {_said(told)}"


@dataclass(slots=True)
class Memory:
    """All that the trail says, entry by entry, the oldest first."""

    kinds: frozenset[str]
    began: datetime | None = None
    last: int = 0
    things: dict[tuple[str, str], Remembered] = field(default_factory=dict)
    forced: set[str] = field(default_factory=set)

    def heed(self, entry: AuditEntry) -> None:
        """One more."""
        self.began = self.began or entry.at
        self.last = entry.id
        subject = entry.subject
        if entry.outcome is not AuditOutcome.DONE or subject.id is None:
            return
        if entry.action == FORCED:
            self.forced.add(subject.id)
        if subject.kind in self.kinds:
            key = (subject.kind, subject.id)
            self.things[key] = self.things.get(key, Remembered()).after(entry)


def _said(value: Told) -> str:
    return "nothing" if value is None else repr(value)
