"""Projects: everything belongs to one; what there was belongs to `default`.

Revision: 0010
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
LANE = sa.table("lane", sa.column("key"), sa.column("owner"))
JOB = sa.table("job", sa.column("lane"), sa.column("owner"))
PAUSE = sa.table("queue_pause", *(sa.column(name) for name in ("queue", "since", "until", "reason")))


def upgrade() -> None:
    project = op.create_table(
        "project",
        sa.Column("name", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_project")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(sa.insert(project).from_select(["name", "created_at"], sa.select(sa.literal("default"), _now())))
    op.add_column("job", sa.Column("project", KEY, nullable=False, server_default="default"))
    op.add_column("job", sa.Column("owner", KEY, nullable=False, server_default="admin"))
    owner = sa.select(LANE.c.owner).where(LANE.c.key == JOB.c.lane).scalar_subquery()
    others = sa.select(LANE.c.key).where(LANE.c.owner != "admin")
    op.execute(sa.update(JOB).where(JOB.c.lane.in_(others)).values(owner=owner))
    op.create_index("ix_job_project", "job", ["project", "id"])
    op.add_column("lane", sa.Column("project", KEY, nullable=False, server_default="default"))
    op.add_column("runner", sa.Column("project", KEY, nullable=False, server_default="default"))
    op.add_column("runner", sa.Column("shared_with", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("runner", sa.Column("owners", sa.Text(), nullable=False, server_default='["*"]'))
    _pauses(sa.Column("project", KEY, nullable=False))


def downgrade() -> None:
    _pauses()
    for table, columns in {"runner": ("owners", "shared_with", "project"), "lane": ("project",)}.items():
        for column in columns:
            op.drop_column(table, column)
    op.drop_index("ix_job_project", "job")
    op.drop_column("job", "owner")
    op.drop_column("job", "project")
    op.drop_table("project")


def _now() -> Any:
    """The time, as each database keeps it."""
    if op.get_bind().dialect.name == "postgresql":
        return sa.func.clock_timestamp()
    return sa.func.strftime("%Y-%m-%dT%H:%M:%f000+00:00", "now")


def _pauses(*first: sa.Column[Any]) -> None:
    """The table of pauses with these columns before the others; what it held is kept."""
    names = ["queue", "since", "until", "reason"]
    kept = op.get_bind().execute(sa.select(*(PAUSE.c[name] for name in names))).mappings().all()
    op.drop_table("queue_pause")
    pauses = op.create_table(
        "queue_pause",
        *first,
        sa.Column("queue", KEY, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint(*(column.name for column in first), "queue", name=op.f("pk_queue_pause")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    if kept:
        op.bulk_insert(pauses, [{**{column.name: "default" for column in first}, **row} for row in kept])
