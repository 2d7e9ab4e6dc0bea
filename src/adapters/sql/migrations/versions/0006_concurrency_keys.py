"""Concurrency keys: their seats, who holds them, who waits.

Revision: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text()
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.Integer()
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

CHURNED = {"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 5000, "autovacuum_vacuum_cost_delay": 0}


def upgrade() -> None:
    op.add_column("job", sa.Column("ckey", KEY))
    op.add_column("job", sa.Column("concurrency", TEXT))
    op.add_column(
        "job",
        sa.Column(
            "seat",
            NUMBER,
            sa.CheckConstraint(
                "seat is null or (seat >= 0 and ckey is not null and finished_at is null)", name=op.f("ck_job_seat")
            ),
            sa.CheckConstraint(
                "ckey is null or seat is not null or state in ('cancelled', 'draft', 'failed', 'pending', 'succeeded')",
                name=op.f("ck_job_keyed_has_seat"),
            ),
        ),
    )
    op.create_table(
        "ckey",
        sa.Column("key", KEY, nullable=False),
        sa.Column("seats", NUMBER, nullable=False),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_ckey_seats")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ckey")),
        postgresql_with={"fillfactor": 50},
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hold",
        sa.Column("key", KEY, nullable=False),
        sa.Column("seat", NUMBER, nullable=False),
        sa.Column("job_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("key", "seat", name=op.f("pk_hold")),
        sa.UniqueConstraint("job_id", name=op.f("uq_hold_job_id")),
        postgresql_with=CHURNED,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "waiter",
        sa.Column("key", KEY, nullable=False),
        sa.Column("rank", BIG, nullable=False),
        sa.Column("job_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("key", "rank", "job_id", name=op.f("pk_waiter")),
        sa.UniqueConstraint("job_id", name=op.f("uq_waiter_job_id")),
        postgresql_with=CHURNED,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("waiter", "hold", "ckey"):
        op.drop_table(table)
    for column in ("seat", "concurrency", "ckey"):
        op.drop_column("job", column)
