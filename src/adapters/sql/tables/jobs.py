"""Jobs, what they were made from, their tries, and the places where they wait."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint, text

from ....domain.jobs.limits import OnLost, Replacement
from ....domain.jobs.states import FINAL_STATES, LIVE_STATES, JobState
from ..columns import BIG, DOCUMENT, FLAG, KEY, MOMENT, NUMBER, TEXT
from .metadata import CLUSTERED, METADATA, STRICT, one_of

SEATLESS: Final = FINAL_STATES | {JobState.DRAFT, JobState.PENDING}
"""States in which a job with a concurrency key may be without a seat."""

# No index mentions a column that changes while the job lives, so PostgreSQL updates its row in place (HOT).
JOB: Final = Table(
    "job",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("id_end", KEY, nullable=False),
    Column("queue", KEY, nullable=False),
    Column("priority", NUMBER, nullable=False),
    Column("retry", DOCUMENT, nullable=False),
    Column("on_lost", TEXT, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("claim_by", MOMENT),
    Column("end_by", MOMENT),
    Column("eligible_at", MOMENT, nullable=False),
    Column("rank", BIG, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("reason", TEXT),
    Column("message", TEXT),
    Column("attempt", NUMBER),
    Column("fence", BIG, nullable=False),
    Column("failures", NUMBER, nullable=False),
    Column("crashes", NUMBER, nullable=False),
    Column("cancel_requested_at", MOMENT),
    Column("end_confirmed", FLAG),
    Column("finished_at", MOMENT),
    Column("version", BIG, nullable=False),
    Column("lane", KEY),  # null in what had finished before there were lanes
    Column("ckey", KEY),
    Column("concurrency", DOCUMENT),
    Column("project", KEY, nullable=False, server_default="default"),
    Column("owner", KEY, nullable=False, server_default="admin"),
    Column(
        "seat",
        NUMBER,
        CheckConstraint("seat is null or (seat >= 0 and ckey is not null and finished_at is null)", name="seat"),
        CheckConstraint(f"ckey is null or seat is not null or {one_of('state', SEATLESS)}", name="keyed_has_seat"),
    ),
    Column("replacement", TEXT, CheckConstraint(one_of("replacement", Replacement), name="replacement")),
    Column("parent", KEY),
    CheckConstraint(one_of("state", JobState), name="state"),
    CheckConstraint(one_of("on_lost", OnLost), name="on_lost"),
    CheckConstraint(f"({one_of('state', FINAL_STATES)}) = (finished_at is not null)", name="final_is_finished"),
    CheckConstraint(
        f"not ({one_of('state', LIVE_STATES)}) or (attempt is not null and fence > 0)", name="live_has_attempt"
    ),
    CheckConstraint("end_confirmed is null or finished_at is not null", name="end_confirmed"),
    CheckConstraint("attempt >= 1", name="attempt"),
    CheckConstraint("fence >= 0 and failures >= 0 and crashes >= 0 and version >= 0", name="counters"),
    Index("ix_job_id_end", "id_end"),
    Index("ix_job_project", "project", "id"),
    Index(
        "ix_job_parent",
        "parent",
        "id",
        postgresql_where=text("parent is not null"),
        sqlite_where=text("parent is not null"),
    ),
    Index(
        "ix_job_finished",
        "finished_at",
        postgresql_where=text("finished_at is not null"),
        sqlite_where=text("finished_at is not null"),
    ),
    Index(
        "ix_job_counted",
        "project",
        "owner",
        postgresql_where=text("finished_at is null"),
        sqlite_where=text("finished_at is null"),
    ),
    Index(
        "ix_job_unfinished",
        "id",
        postgresql_where=text("finished_at is null"),
        sqlite_where=text("finished_at is null"),
    ),
    postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02},
    **STRICT,
)

# `spec` is the outline, `rest` what it leaves out: the last column, so that lists find the others without walking
# through it.
JOB_SPEC: Final = Table(
    "job_spec",
    METADATA,
    Column("job_id", KEY, ForeignKey(JOB.c.id), primary_key=True),
    Column("spec", DOCUMENT, nullable=False),
    Column("rest", DOCUMENT),
    **STRICT,
)

# What people find jobs by: their labels, and their name under the empty key, which no label can have.
JOB_LABEL: Final = Table(
    "job_label",
    METADATA,
    Column("key", KEY, primary_key=True),
    Column("value", KEY, primary_key=True),
    Column("job_id", KEY, ForeignKey(JOB.c.id), primary_key=True),
    Index("ix_job_label_job_id", "job_id"),
    **CLUSTERED,
)

ATTEMPT: Final = Table(
    "attempt",
    METADATA,
    Column("job_id", KEY, ForeignKey(JOB.c.id), primary_key=True),
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("runner_id", KEY, nullable=False),
    Column("claimed_at", MOMENT, nullable=False),
    Column("armed_at", MOMENT),
    Column("boot_id", TEXT),
    Column("lease_until", MOMENT),
    Column("started_at", MOMENT),
    Column("ended_at", MOMENT),
    Column("containment", TEXT),
    Column("outcome", DOCUMENT),
    Column("progress", DOCUMENT),
    Column("result", DOCUMENT),
    Column("log_complete", FLAG, nullable=False),
    Column("log_removed_at", MOMENT),
    Column("lease", NUMBER, CheckConstraint("lease is null or lease > 0", name="lease")),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("(armed_at is null) = (boot_id is null)", name="armed_on_a_boot"),
    CheckConstraint("ended_at is null or outcome is not null", name="ended_with_an_outcome"),
    # Two live tries of one job are impossible, whatever a query gets wrong.
    Index(
        "ix_attempt_live",
        "job_id",
        unique=True,
        postgresql_where=text("ended_at is null"),
        sqlite_where=text("ended_at is null"),
    ),
    Index(
        "ix_attempt_live_on",
        "runner_id",
        postgresql_where=text("ended_at is null"),
        sqlite_where=text("ended_at is null"),
    ),
    postgresql_with={"fillfactor": 70},
    **CLUSTERED,
)

# Removed only while nobody holds a share of it: a job that is about to be stored counts on its lane.
LANE: Final = Table(
    "lane",
    METADATA,
    Column("key", KEY, primary_key=True),
    Column("owner", TEXT, nullable=False),
    Column("queue", KEY, nullable=False),
    Column("runner", TEXT),
    Column("labels", DOCUMENT, nullable=False),
    Column("project", KEY, nullable=False, server_default="default"),
    **CLUSTERED,
)

CHURNED: Final = {
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 5000,
    "autovacuum_vacuum_cost_delay": 0,
}

# The next two follow from the jobs: only `add_all` and `save_all` write them.
READY: Final = Table(
    "ready",
    METADATA,
    Column("lane", KEY, primary_key=True),
    Column("rank", BIG, primary_key=True, autoincrement=False),
    Column("job_id", KEY, primary_key=True),
    UniqueConstraint("job_id"),
    postgresql_with=CHURNED,
    **CLUSTERED,
)

DUE: Final = Table(
    "due",
    METADATA,
    Column("at", MOMENT, primary_key=True),
    Column("job_id", KEY, primary_key=True),
    UniqueConstraint("job_id"),
    postgresql_with=CHURNED,
    **CLUSTERED,
)
