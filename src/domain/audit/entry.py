"""One entry of the audit trail, and what can be asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..accounts.ids import TokenId

LEAST_KEPT: Final = timedelta(days=30)
"""Nothing removes an entry that is younger; the database itself refuses to."""

Told = bool | int | float | str | tuple[str, ...] | None
"""What an entry says of one field."""

Fields = Mapping[str, Told]
"""Some fields of something, by name."""

ITSELF: Final = "runner"
"""The kind of a doer that is a runner, by its own token."""

HERE: Final = "in-process"
"""Where somebody calls from who has the use cases themselves."""

COMMAND_LINE: Final = "cli"
"""Where somebody calls from who has the store itself."""


class AuditOutcome(StrEnum):
    """Whether it came about, or was refused because of who asked."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """Who it was, as they were known then. Of somebody whom nobody knows there is neither a name nor a kind.

    `kind` is that of the account; `operating` for whoever holds the admin token or the store itself; `runner` for a
    runner that speaks for itself.
    """

    name: str | None = None
    kind: str | None = None
    token: TokenId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What it was done to. Several things of a kind have neither an id nor a name."""

    kind: str
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """`before` and `after` are the fields that are different since, never a secret among them.

    `action` is the name of the use case, `permission` the least that it takes. What belongs to no `project` is the
    business of the instance. `reason` says why something was refused; the trail gives the `id`, which grows.
    """

    at: datetime
    doer: Doer
    address: str
    action: str
    permission: str | None
    subject: Subject
    project: str | None = None
    outcome: AuditOutcome = AuditOutcome.DONE
    reason: str | None = None
    before: Fields = field(default_factory=dict)
    after: Fields = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are meant: those for which all of it is true.

    `action` is that of a use case or a permission; `thing` an id or a name. `since` is the first moment that counts,
    `until` the first that does not. `projects` are those the caller may mean at all; None is everything.
    """

    actor: str | None = None
    action: str | None = None
    kind: str | None = None
    thing: str | None = None
    project: str | None = None
    outcome: AuditOutcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    projects: frozenset[str] | None = None

    def means(self, entry: AuditEntry) -> bool:
        """Whether this is one of them."""
        return all(
            (
                self.actor in (None, entry.doer.name),
                self.action in (None, entry.action, entry.permission),
                self.kind in (None, entry.subject.kind),
                self.thing is None or self.thing in (entry.subject.id, entry.subject.name),
                self.project in (None, entry.project),
                self.outcome in (None, entry.outcome),
                self.since is None or entry.at >= self.since,
                self.until is None or entry.at < self.until,
                self.projects is None or entry.project in self.projects,
            )
        )


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries, newest first; `next_after` continues the list, None when it has ended."""

    items: tuple[AuditEntry, ...]
    next_after: int | None
