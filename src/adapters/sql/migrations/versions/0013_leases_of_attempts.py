"""Leases of attempts, when their jobs may be replaced, and who swept them last.

Revision: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "job",
        sa.Column(
            "replacement",
            sa.Text(),
            sa.CheckConstraint(
                "replacement in ('after_confirmed_end', 'after_lease')", name=op.f("ck_job_replacement")
            ),
        ),
    )
    op.add_column(
        "attempt",
        sa.Column(
            "lease", sa.Integer(), sa.CheckConstraint("lease is null or lease > 0", name=op.f("ck_attempt_lease"))
        ),
    )
    op.create_table(
        "lease_watch",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("swept_at", MOMENT, nullable=False),
        sa.Column("hold_until", MOMENT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_lease_watch_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease_watch")),
        postgresql_with={"fillfactor": 10},
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("lease_watch")
    op.drop_column("attempt", "lease")
    op.drop_column("job", "replacement")
