"""Accounts, their roles and their tokens.

Revision: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sa.Text()
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("email", TEXT),
        sa.Column("password_hash", TEXT),
        sa.Column("instance_admin", FLAG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.CheckConstraint("kind in ('service', 'user')", name=op.f("ck_account_kind")),
        sa.CheckConstraint("kind = 'user' or password_hash is null", name=op.f("ck_account_password")),
        **CLUSTERED,
    )
    op.create_table(
        "membership",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("project", KEY, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_membership_account")),
        sa.ForeignKeyConstraint(["project"], ["project.name"], name=op.f("fk_membership_project")),
        sa.PrimaryKeyConstraint("account_id", "project", name=op.f("pk_membership")),
        sa.CheckConstraint("role in ('admin', 'operator', 'submitter', 'viewer')", name=op.f("ck_membership_role")),
        **CLUSTERED,
    )
    op.create_table(
        "token",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("scopes", TEXT),
        sa.Column("life", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.Column("replaced_by", KEY),
        sa.Column("last_used_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_token_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        **CLUSTERED,
    )
    op.create_index("ix_token_account_id", "token", ["account_id"])


def downgrade() -> None:
    for table in ("token", "membership", "account"):
        op.drop_table(table)
