"""What has ended, in the order in which it did; and when its output was removed.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    ended = sa.text("finished_at is not null")
    op.create_index("ix_job_finished", "job", ["finished_at"], postgresql_where=ended, sqlite_where=ended)
    op.add_column("attempt", sa.Column("log_removed_at", MOMENT))


def downgrade() -> None:
    op.drop_column("attempt", "log_removed_at")
    op.drop_index("ix_job_finished")
