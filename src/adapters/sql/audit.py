"""The audit trail."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, false, insert, or_, select

from ...domain.accounts.ids import TokenId
from ...domain.audit.entry import AuditEntry, AuditFilter, AuditOutcome, AuditPage, Doer, Fields, Subject
from .documents import document, sentence
from .tables.audit import AUDIT


class SqlAudit:
    """Entries, to read and to add."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, which: AuditFilter, *, after: int | None, limit: int) -> AuditPage:
        meant = select(AUDIT).where(*_conditions(which)).order_by(AUDIT.c.id.desc())
        if after is not None:
            meant = meant.where(AUDIT.c.id < after)
        found = [entry_of(row) for row in self._connection.execute(meant.limit(limit + 1))]
        return AuditPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    def oldest(self, *, after: int, limit: int) -> list[AuditEntry]:
        behind = select(AUDIT).where(AUDIT.c.id > after).order_by(AUDIT.c.id).limit(limit)
        return [entry_of(row) for row in self._connection.execute(behind)]

    def append(self, entries: Sequence[AuditEntry]) -> None:
        for entry in entries:  # one by one: so they get their ids in this order
            self._connection.execute(insert(AUDIT).values(**_values(entry)))

    def forget(self, before: datetime, most: int) -> int:
        oldest = select(AUDIT.c.id).where(AUDIT.c.at < before).order_by(AUDIT.c.at).limit(most)
        return self._connection.execute(delete(AUDIT).where(AUDIT.c.id.in_(oldest))).rowcount


def _conditions(which: AuditFilter) -> Iterator[ColumnElement[bool]]:
    texts = (which.actor, which.action, which.kind, which.thing, which.project)
    if any("\0" in text for text in texts if text is not None):
        yield false()
        return
    for column, wanted in ((AUDIT.c.actor, which.actor), (AUDIT.c.kind, which.kind), (AUDIT.c.project, which.project)):
        if wanted is not None:
            yield column == wanted
    if which.action is not None:
        yield or_(AUDIT.c.action == which.action, AUDIT.c.permission == which.action)
    if which.thing is not None:
        yield or_(AUDIT.c.subject_id == which.thing, AUDIT.c.subject_name == which.thing)
    if which.outcome is not None:
        yield AUDIT.c.outcome == which.outcome.value
    if which.since is not None:
        yield AUDIT.c.at >= which.since
    if which.until is not None:
        yield AUDIT.c.at < which.until
    if which.projects is not None:
        yield AUDIT.c.project.in_(sorted(which.projects))


def _values(entry: AuditEntry) -> Mapping[str, Any]:
    return {
        "at": entry.at,
        "actor": sentence(entry.doer.name),
        "actor_kind": entry.doer.kind,
        "token_id": entry.doer.token,
        "address": sentence(entry.address),
        "action": entry.action,
        "permission": entry.permission,
        "kind": entry.subject.kind,
        "subject_id": sentence(entry.subject.id),
        "subject_name": sentence(entry.subject.name),
        "project": sentence(entry.project),
        "outcome": entry.outcome.value,
        "reason": entry.reason,
        "before": document(dict(entry.before)),
        "after": document(dict(entry.after)),
    }


def entry_of(row: Row[Any]) -> AuditEntry:
    """The entry in the row."""
    return AuditEntry(
        id=row.id,
        at=row.at,
        doer=Doer(name=row.actor, kind=row.actor_kind, token=None if row.token_id is None else TokenId(row.token_id)),
        address=row.address,
        action=row.action,
        permission=row.permission,
        subject=Subject(kind=row.kind, id=row.subject_id, name=row.subject_name),
        project=row.project,
        outcome=AuditOutcome(row.outcome),
        reason=row.reason,
        before=_fields(row.before),
        after=_fields(row.after),
    )


def _fields(text: str) -> Fields:
    return {name: tuple(each) if isinstance(each, list) else each for name, each in json.loads(text).items()}
