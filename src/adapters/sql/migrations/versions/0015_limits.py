"""Limits of projects and of the owners in them.

Revision: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
KINDS = ("queued", "running", "submissions_per_minute")


def upgrade() -> None:
    op.create_table(
        "project_limit",
        sa.Column("project", KEY, nullable=False),
        sa.Column("owner", KEY, nullable=False),
        *(sa.Column(kind, sa.Integer()) for kind in KINDS),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("project", "owner", name=op.f("pk_project_limit")),
        *(sa.CheckConstraint(f"{kind} between 0 and 1000000", name=op.f(f"ck_project_limit_{kind}")) for kind in KINDS),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    unfinished = sa.text("finished_at is null")
    op.create_index("ix_job_counted", "job", ["project", "owner"], postgresql_where=unfinished, sqlite_where=unfinished)


def downgrade() -> None:
    op.drop_index("ix_job_counted", "job")
    op.drop_table("project_limit")
