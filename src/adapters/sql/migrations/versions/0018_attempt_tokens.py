"""The tokens of attempts, and which job submitted a job.

Revision: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SUBMITTED = sa.text("parent is not null")


def upgrade() -> None:
    op.add_column("job", sa.Column("parent", KEY))
    op.create_index("ix_job_parent", "job", ["parent", "id"], postgresql_where=SUBMITTED, sqlite_where=SUBMITTED)
    op.create_table(
        "attempt_token",
        sa.Column("id", KEY, nullable=False),
        sa.Column("job_id", KEY, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id", "attempt"], ["attempt.job_id", "attempt.number"], name=op.f("fk_attempt_token_attempt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_token")),
        sa.UniqueConstraint("job_id", "attempt", name=op.f("uq_attempt_token_job_id_attempt")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("attempt_token")
    op.drop_index("ix_job_parent", "job")
    op.drop_column("job", "parent")
