"""Why a host takes nothing for now.

Revision: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runner", sa.Column("refuses", sa.Text()))


def downgrade() -> None:
    op.drop_column("runner", "refuses")
