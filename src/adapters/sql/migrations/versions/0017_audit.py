"""The audit trail, which the database itself keeps from being changed.

Revision: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TEXT = sa.Text()
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
ON_SQLITE = (
    """create trigger audit_is_not_changed before update on audit
    begin select raise(abort, 'an entry of the audit trail is never changed'); end""",
    """create trigger audit_is_kept before delete on audit
    when old.at >= strftime('%Y-%m-%dT%H:%M:%S', 'now', '-30 days')
    begin select raise(abort, 'an entry of the audit trail is kept for 30 days'); end""",
)
ON_POSTGRESQL = (
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


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", KEY),
        sa.Column("actor_kind", TEXT),
        sa.Column("token_id", KEY),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("permission", TEXT),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("subject_id", TEXT),
        sa.Column("subject_name", TEXT),
        sa.Column("project", KEY),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("reason", TEXT),
        sa.Column("before", TEXT, nullable=False),
        sa.Column("after", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.CheckConstraint("outcome in ('done', 'refused')", name=op.f("ck_audit_outcome")),
        sqlite_strict=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_actor_id", "audit", ["actor", "id"])
    op.create_index("ix_audit_project_id", "audit", ["project", "id"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in ON_SQLITE if sqlite else ON_POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function audit_is_kept()")
