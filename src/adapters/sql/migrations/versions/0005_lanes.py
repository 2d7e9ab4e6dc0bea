"""Lanes: jobs wait by owner, queue and placement.

Revision: 0005
"""

import json
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.Text()
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

CHURNED = {"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 5000, "autovacuum_vacuum_cost_delay": 0}
JOB = sa.table("job", *(sa.column(name) for name in ("id", "queue", "lane", "rank", "state", "finished_at")))


def upgrade() -> None:
    op.add_column("job", sa.Column("lane", KEY))
    lane = op.create_table(
        "lane",
        sa.Column("key", KEY, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("queue", KEY, nullable=False),
        sa.Column("runner", TEXT),
        sa.Column("labels", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_lane")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    unfinished = JOB.c.finished_at.is_(None)
    queues = op.get_bind().execute(sa.select(JOB.c.queue).where(unfinished).distinct()).scalars().all()
    for queue in sorted(queues):
        key = _key(queue)
        op.bulk_insert(lane, [{"key": key, "owner": "admin", "queue": queue, "runner": None, "labels": "{}"}])
        op.execute(sa.update(JOB).where(unfinished, JOB.c.queue == queue).values(lane=key))
    _ready("lane")


def downgrade() -> None:
    _ready("queue")
    op.drop_table("lane")
    op.drop_column("job", "lane")


def _key(queue: str) -> str:
    """What the lane of a job without placement is called whose owner nobody named."""
    return sha256(json.dumps(["admin", queue, None, []]).encode()).hexdigest()[:24]


def _ready(first: str) -> None:
    """The places of queued jobs follow from the jobs."""
    op.drop_table("ready")
    columns: list[Any] = [sa.Column(first, KEY, nullable=False), sa.Column("rank", BIG, nullable=False)]
    ready = op.create_table(
        "ready",
        *columns,
        sa.Column("job_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint(first, "rank", "job_id", name=op.f("pk_ready")),
        sa.UniqueConstraint("job_id", name=op.f("uq_ready_job_id")),
        postgresql_with=CHURNED,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    queued = sa.select(JOB.c[first], JOB.c.rank, JOB.c.id).where(JOB.c.state == "queued")
    op.execute(sa.insert(ready).from_select([first, "rank", "job_id"], queued))
