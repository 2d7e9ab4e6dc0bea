"""The events of runners, and what was told of each of them last.

Revision: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TEXT = sa.Text()
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    told = sa.CheckConstraint("told in ('late', 'never', 'offline', 'online')", name=op.f("ck_runner_told"))
    op.add_column("runner", sa.Column("told", TEXT, told, nullable=False, server_default="never"))
    left = sa.CheckConstraint("drain_left >= 0", name=op.f("ck_runner_drain_left"))
    op.add_column("runner", sa.Column("drain_left", sa.Integer(), left))
    op.create_table(
        "runner_event",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("runner_id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("details", TEXT, nullable=False),
        sa.Column("by", TEXT),
        sa.ForeignKeyConstraint(["runner_id"], ["runner.id"], name=op.f("fk_runner_event_runner"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runner_event")),
        sqlite_strict=True,
    )
    op.create_index("ix_runner_event_runner_id", "runner_event", ["runner_id", "id"])
    op.create_index("ix_runner_event_at", "runner_event", ["at"])


def downgrade() -> None:
    op.drop_table("runner_event")
    op.drop_column("runner", "drain_left")
    op.drop_column("runner", "told")
