"""Jobs, their attempts and logs, and runners.

Revision: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text()
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
NUMBER = sa.Integer()
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BLOB = sa.LargeBinary()

CHURNED = {"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 5000, "autovacuum_vacuum_cost_delay": 0}


def where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def upgrade() -> None:
    _create_jobs()
    _create_specs_and_attempts()
    _create_places()
    _create_runners()
    _create_logs()


def downgrade() -> None:
    for table in ("log_chunk", "log", "runner", "due", "ready", "attempt", "job_spec", "job"):
        op.drop_table(table)


def _create_jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", KEY, nullable=False),
        sa.Column("id_end", KEY, nullable=False),
        sa.Column("queue", KEY, nullable=False),
        sa.Column("priority", NUMBER, nullable=False),
        sa.Column("retry", TEXT, nullable=False),
        sa.Column("on_lost", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("claim_by", MOMENT),
        sa.Column("end_by", MOMENT),
        sa.Column("eligible_at", MOMENT, nullable=False),
        sa.Column("rank", BIG, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT),
        sa.Column("message", TEXT),
        sa.Column("attempt", NUMBER),
        sa.Column("fence", BIG, nullable=False),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("crashes", NUMBER, nullable=False),
        sa.Column("cancel_requested_at", MOMENT),
        sa.Column("end_confirmed", FLAG),
        sa.Column("finished_at", MOMENT),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "(state in ('cancelled', 'failed', 'succeeded')) = (finished_at is not null)",
            name=op.f("ck_job_final_is_finished"),
        ),
        sa.CheckConstraint(
            "not (state in ('claimed', 'finishing', 'paused', 'running')) or (attempt is not null and fence > 0)",
            name=op.f("ck_job_live_has_attempt"),
        ),
        sa.CheckConstraint("on_lost in ('fail', 'retry')", name=op.f("ck_job_on_lost")),
        sa.CheckConstraint(
            "state in ('cancelled', 'claimed', 'draft', 'failed', 'finishing', "
            "'paused', 'pending', 'queued', 'running', 'succeeded')",
            name=op.f("ck_job_state"),
        ),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_job_attempt")),
        sa.CheckConstraint("end_confirmed is null or finished_at is not null", name=op.f("ck_job_end_confirmed")),
        sa.CheckConstraint(
            "fence >= 0 and failures >= 0 and crashes >= 0 and version >= 0", name=op.f("ck_job_counters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02},
        sqlite_strict=True,
    )
    op.create_index("ix_job_id_end", "job", ["id_end"])
    op.create_index("ix_job_unfinished", "job", ["id"], **where("finished_at is null"))


def _create_specs_and_attempts() -> None:
    op.create_table(
        "job_spec",
        sa.Column("job_id", KEY, nullable=False),
        sa.Column("spec", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_spec_job")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_spec")),
        sqlite_strict=True,
    )
    op.create_table(
        "attempt",
        sa.Column("job_id", KEY, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("runner_id", KEY, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("armed_at", MOMENT),
        sa.Column("boot_id", TEXT),
        sa.Column("lease_until", MOMENT),
        sa.Column("started_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("containment", TEXT),
        sa.Column("outcome", TEXT),
        sa.Column("progress", TEXT),
        sa.Column("result", TEXT),
        sa.Column("log_complete", FLAG, nullable=False),
        sa.CheckConstraint("(armed_at is null) = (boot_id is null)", name=op.f("ck_attempt_armed_on_a_boot")),
        sa.CheckConstraint("ended_at is null or outcome is not null", name=op.f("ck_attempt_ended_with_an_outcome")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_attempt_number")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_attempt_job")),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_attempt")),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_attempt_live", "attempt", ["job_id"], unique=True, **where("ended_at is null"))
    op.create_index("ix_attempt_live_on", "attempt", ["runner_id"], **where("ended_at is null"))


def _create_places() -> None:
    op.create_table(
        "ready",
        sa.Column("queue", KEY, nullable=False),
        sa.Column("rank", BIG, nullable=False),
        sa.Column("job_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("queue", "rank", "job_id", name=op.f("pk_ready")),
        sa.UniqueConstraint("job_id", name=op.f("uq_ready_job_id")),
        postgresql_with=CHURNED,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "due",
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("job_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("at", "job_id", name=op.f("pk_due")),
        sa.UniqueConstraint("job_id", name=op.f("uq_due_job_id")),
        postgresql_with=CHURNED,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _create_runners() -> None:
    op.create_table(
        "runner",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("slots", NUMBER, nullable=False),
        sa.Column("queues", TEXT, nullable=False),
        sa.Column("labels", TEXT, nullable=False),
        sa.Column("driver_id", TEXT),
        sa.Column("driver_epoch", BIG),
        sa.Column("driver_until", MOMENT),
        sa.CheckConstraint("kind in ('local')", name=op.f("ck_runner_kind")),
        sa.CheckConstraint(
            "(driver_id is null) = (driver_epoch is null) and (driver_id is null) = (driver_until is null)",
            name=op.f("ck_runner_driver"),
        ),
        sa.CheckConstraint("slots >= 0", name=op.f("ck_runner_slots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runner")),
        sa.UniqueConstraint("name", name=op.f("uq_runner_name")),
        postgresql_with={"fillfactor": 50},
        sqlite_strict=True,
    )


def _create_logs() -> None:
    op.create_table(
        "log",
        sa.Column("job_id", KEY, nullable=False),
        sa.Column("attempt", NUMBER, nullable=False),
        sa.Column("stored", BIG, nullable=False),
        sa.CheckConstraint("stored > 0", name=op.f("ck_log_stored")),
        sa.ForeignKeyConstraint(
            ["job_id", "attempt"], ["attempt.job_id", "attempt.number"], name=op.f("fk_log_attempt")
        ),
        sa.PrimaryKeyConstraint("job_id", "attempt", name=op.f("pk_log")),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_chunk",
        sa.Column("job_id", KEY, nullable=False),
        sa.Column("attempt", NUMBER, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("records", BLOB, nullable=False),
        sa.CheckConstraint("start >= 0 and size > 0", name=op.f("ck_log_chunk_place")),
        sa.ForeignKeyConstraint(["job_id", "attempt"], ["log.job_id", "log.attempt"], name=op.f("fk_log_chunk_log")),
        sa.PrimaryKeyConstraint("job_id", "attempt", "start", name=op.f("pk_log_chunk")),
        sqlite_strict=True,
    )
