"""Runners that people edit and close, and since when they are driven.

Revision: 0003
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text()
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
NUMBER = sa.Integer()
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _made_anew(_create_after, lambda row: row | _as_if_never_touched(row))


def downgrade() -> None:
    _made_anew(_create_before, lambda row: {name: row[name] for name in row if name not in _as_if_never_touched(row)})


def _as_if_never_touched(row: dict[str, Any]) -> dict[str, Any]:
    heard = row["driver_until"]
    return {
        "revision": 1,
        "state": "open",
        "state_until": None,
        "state_note": None,
        "state_since": None,
        "driver_since": heard,
        "driver_heard_at": heard,
    }


def _made_anew(create: Callable[[], sa.Table], row_of: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """There are few runners: their rows are carried over by hand, the same way on each database."""
    names = [column["name"] for column in sa.inspect(op.get_bind()).get_columns("runner")]
    before = sa.table("runner", *(sa.column(name) for name in names))
    rows = [dict(row) for row in op.get_bind().execute(sa.select(before)).mappings()]
    op.drop_table("runner")
    op.bulk_insert(create(), [row_of(row) for row in rows])


def _create_before() -> sa.Table:
    return op.create_table(
        "runner",
        *_columns(),
        sa.CheckConstraint(
            "(driver_id is null) = (driver_epoch is null) and (driver_id is null) = (driver_until is null)",
            name=op.f("ck_runner_driver"),
        ),
        **_rest(),
    )


def _create_after() -> sa.Table:
    return op.create_table(
        "runner",
        *_columns(
            sa.Column("revision", BIG, nullable=False),
            sa.Column("state", TEXT, nullable=False),
            sa.Column("state_until", MOMENT),
            sa.Column("state_note", TEXT),
            sa.Column("state_since", MOMENT),
        ),
        sa.Column("driver_since", MOMENT),
        sa.Column("driver_heard_at", MOMENT),
        sa.CheckConstraint("state in ('cordoned', 'draining', 'open', 'paused')", name=op.f("ck_runner_state")),
        sa.CheckConstraint("state <> 'open' or state_until is null", name=op.f("ck_runner_open_without_end")),
        sa.CheckConstraint("state <> 'paused' or state_until is not null", name=op.f("ck_runner_pause_ends")),
        sa.CheckConstraint(
            "(driver_id is null) = (driver_epoch is null) and (driver_id is null) = (driver_until is null) "
            "and (driver_id is null) = (driver_since is null) and (driver_id is null) = (driver_heard_at is null)",
            name=op.f("ck_runner_driver"),
        ),
        **_rest(),
    )


def _columns(*more: Any) -> list[Any]:
    return [
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("slots", NUMBER, nullable=False),
        sa.Column("queues", TEXT, nullable=False),
        sa.Column("labels", TEXT, nullable=False),
        *more,
        sa.Column("driver_id", TEXT),
        sa.Column("driver_epoch", BIG),
        sa.Column("driver_until", MOMENT),
        sa.CheckConstraint("kind in ('local')", name=op.f("ck_runner_kind")),
        sa.CheckConstraint("slots >= 0", name=op.f("ck_runner_slots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runner")),
        sa.UniqueConstraint("name", name=op.f("uq_runner_name")),
    ]


def _rest() -> dict[str, Any]:
    return {"postgresql_with": {"fillfactor": 50}, "sqlite_strict": True}
