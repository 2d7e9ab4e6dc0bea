"""Labels and names by which jobs are found.

Revision: 0007
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    label = op.create_table(
        "job_label",
        sa.Column("key", KEY, nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.Column("job_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("key", "value", "job_id", name=op.f("pk_job_label")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_label_job")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_job_label_job_id", "job_label", ["job_id"])
    specs = sa.table("job_spec", sa.column("job_id", sa.Text), sa.column("spec", sa.Text))
    for part in op.get_bind().execute(sa.select(specs)).partitions(1000):
        rows = []
        for job_id, text in part:
            spec = json.loads(text)
            found = {**spec.get("labels", {}), **({"": spec["name"]} if spec.get("name") is not None else {})}
            rows += [{"key": key, "value": value, "job_id": job_id} for key, value in found.items()]
        if rows:
            op.bulk_insert(label, rows)


def downgrade() -> None:
    op.drop_table("job_label")
