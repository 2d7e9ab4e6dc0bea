"""The keys of submissions.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text()
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "submission_key",
        sa.Column("key", KEY, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("job_id", KEY, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_submission_key")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_submission_key_until", "submission_key", ["until"])


def downgrade() -> None:
    op.drop_table("submission_key")
