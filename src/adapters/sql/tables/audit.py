"""The audit trail. The database itself refuses to change an entry, and to remove one before its time."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import DDL, CheckConstraint, Column, Identity, Index, Table, event
from sqlalchemy.schema import ExecutableDDLElement

from ....domain.audit.entry import AuditOutcome
from ..columns import BIG, DOCUMENT, KEY, MOMENT, TEXT
from .metadata import METADATA, STRICT, one_of

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("id", BIG, Identity(), primary_key=True),
    Column("at", MOMENT, nullable=False),
    Column("actor", KEY),
    Column("actor_kind", TEXT),
    Column("token_id", KEY),
    Column("address", TEXT, nullable=False),
    Column("action", TEXT, nullable=False),
    Column("permission", TEXT),
    Column("kind", TEXT, nullable=False),
    Column("subject_id", TEXT),
    Column("subject_name", TEXT),
    Column("project", KEY),
    Column("outcome", TEXT, nullable=False),
    Column("reason", TEXT),
    Column("before", DOCUMENT, nullable=False),
    Column("after", DOCUMENT, nullable=False),
    CheckConstraint(one_of("outcome", AuditOutcome), name="outcome"),
    Index("ix_audit_at", "at"),
    Index("ix_audit_actor_id", "actor", "id"),
    Index("ix_audit_project_id", "project", "id"),
    **STRICT,
)

ON_SQLITE: Final = (
    """create trigger audit_is_not_changed before update on audit
    begin select raise(abort, 'an entry of the audit trail is never changed'); end""",
    """create trigger audit_is_kept before delete on audit
    when old.at >= strftime('%Y-%m-%dT%H:%M:%S', 'now', '-30 days')
    begin select raise(abort, 'an entry of the audit trail is kept for 30 days'); end""",
)
ON_POSTGRESQL: Final = (
    """create function audit_is_kept() returns trigger language plpgsql as $$ begin
    if tg_op = 'DELETE' and old.at < clock_timestamp() - interval '30 days' then return old; end if;
    raise exception 'an entry of the audit trail is never changed, and is kept for 30 days'
        using errcode = 'restrict_violation';
    end $$""",
    """create trigger audit_is_kept before update or delete on audit
    for each row execute function audit_is_kept()""",
    """create trigger audit_is_whole before truncate on audit
    for each statement execute function audit_is_kept()""",
)

_ddl: Callable[[str], ExecutableDDLElement] = DDL
for _dialect, _statements in (("sqlite", ON_SQLITE), ("postgresql", ON_POSTGRESQL)):
    for _statement in _statements:
        event.listen(AUDIT, "after_create", _ddl(_statement.replace("%", "%%")).execute_if(dialect=_dialect))
event.listen(AUDIT, "after_drop", _ddl("drop function if exists audit_is_kept()").execute_if(dialect="postgresql"))
