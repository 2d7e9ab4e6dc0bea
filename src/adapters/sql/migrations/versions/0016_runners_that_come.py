"""Runners that come by themselves: what they told of their machines, and the passes they come with.

Revision: 0016
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TEXT = sa.Text()
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
NUMBER = sa.Integer()
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HOST = ("ssh", "trouble", "checked")
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    _made_anew(
        [row | {"agent": None} for row in _rows()],
        "kind in ('agent', 'local', 'ssh')",
        [sa.Column("agent", TEXT)],
        [sa.CheckConstraint("(kind = 'agent') = (agent is not null)", name=op.f("ck_runner_agent"))],
    )
    op.create_table(
        "runner_pass",
        sa.Column("id", KEY, nullable=False),
        sa.Column("runner_id", KEY, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("replaces", KEY),
        sa.Column("replaced_by", KEY),
        sa.Column("used_at", MOMENT),
        sa.Column("over_at", MOMENT),
        sa.ForeignKeyConstraint(["runner_id"], ["runner.id"], name=op.f("fk_runner_pass_runner"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runner_pass")),
        sa.CheckConstraint("kind in ('join', 'runner')", name=op.f("ck_runner_pass_kind")),
        **CLUSTERED,
    )
    op.create_index("ix_runner_pass_runner_id", "runner_pass", ["runner_id"])


def downgrade() -> None:
    """A version that knows no agents could only lose what runs there, so they are forgotten."""
    op.drop_table("runner_pass")
    kept = [row for row in _rows() if row["kind"] != "agent"]
    rows = [{name: row[name] for name in row if name != "agent"} for row in kept]
    _made_anew(rows, "kind in ('local', 'ssh')", [], [])


def _rows() -> list[dict[str, Any]]:
    names = [column["name"] for column in sa.inspect(op.get_bind()).get_columns("runner")]
    table = sa.table("runner", *(sa.column(name) for name in names))
    return [dict(row) for row in op.get_bind().execute(sa.select(table)).mappings()]


def _made_anew(rows: list[dict[str, Any]], kinds: str, columns: list[Any], checks: list[Any]) -> None:
    """There are few runners: their rows are carried over by hand, the same way on each database."""
    op.drop_table("runner")
    table = op.create_table(
        "runner",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("slots", NUMBER, nullable=False),
        sa.Column("queues", TEXT, nullable=False),
        sa.Column("labels", TEXT, nullable=False),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("state_until", MOMENT),
        sa.Column("state_note", TEXT),
        sa.Column("state_since", MOMENT),
        sa.Column("driver_id", TEXT),
        sa.Column("driver_epoch", BIG),
        sa.Column("driver_until", MOMENT),
        sa.Column("driver_since", MOMENT),
        sa.Column("driver_heard_at", MOMENT),
        sa.Column("project", KEY, nullable=False, server_default="default"),
        sa.Column("shared_with", TEXT, nullable=False, server_default="[]"),
        sa.Column("owners", TEXT, nullable=False, server_default='["*"]'),
        *(sa.Column(name, TEXT) for name in HOST),
        *columns,
        sa.CheckConstraint(kinds, name=op.f("ck_runner_kind")),
        sa.CheckConstraint("(kind = 'ssh') = (ssh is not null)", name=op.f("ck_runner_ssh")),
        *checks,
        sa.CheckConstraint("slots >= 0", name=op.f("ck_runner_slots")),
        sa.CheckConstraint("state in ('cordoned', 'draining', 'open', 'paused')", name=op.f("ck_runner_state")),
        sa.CheckConstraint("state <> 'open' or state_until is null", name=op.f("ck_runner_open_without_end")),
        sa.CheckConstraint("state <> 'paused' or state_until is not null", name=op.f("ck_runner_pause_ends")),
        sa.CheckConstraint(
            "(driver_id is null) = (driver_epoch is null) and (driver_id is null) = (driver_until is null) "
            "and (driver_id is null) = (driver_since is null) and (driver_id is null) = (driver_heard_at is null)",
            name=op.f("ck_runner_driver"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runner")),
        sa.UniqueConstraint("name", name=op.f("uq_runner_name")),
        postgresql_with={"fillfactor": 50},
        sqlite_strict=True,
    )
    op.bulk_insert(table, rows)
