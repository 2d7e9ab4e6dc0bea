"""Sealed values, and the secrets of projects.

Revision: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sealed",
        sa.Column("place", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_sealed")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_sealed_key_place"), "sealed", ["key", "place"])
    op.create_table(
        "secret",
        sa.Column("project", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_secret_version")),
        sa.PrimaryKeyConstraint("project", "name", name=op.f("pk_secret")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("secret")
    op.drop_table("sealed")
