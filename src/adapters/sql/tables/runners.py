"""Runners and who drives them."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Table, UniqueConstraint

from ....domain.runners.agent import Contact
from ....domain.runners.availability import AvailabilityState
from ....domain.runners.runner import RunnerKind
from ..columns import BIG, DOCUMENT, KEY, MOMENT, NUMBER, TEXT
from .metadata import METADATA, STRICT, one_of

RUNNER: Final = Table(
    "runner",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("slots", NUMBER, nullable=False),
    Column("queues", DOCUMENT, nullable=False),
    Column("labels", DOCUMENT, nullable=False),
    Column("revision", BIG, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("state_until", MOMENT),
    Column("state_note", TEXT),
    Column("state_since", MOMENT),
    Column("driver_id", TEXT),
    Column("driver_epoch", BIG),
    Column("driver_until", MOMENT),
    Column("driver_since", MOMENT),
    Column("driver_heard_at", MOMENT),
    Column("project", KEY, nullable=False, server_default="default"),
    Column("shared_with", DOCUMENT, nullable=False, server_default="[]"),
    Column("owners", DOCUMENT, nullable=False, server_default='["*"]'),
    Column("ssh", DOCUMENT),
    Column("trouble", DOCUMENT),
    Column("checked", DOCUMENT),
    Column("agent", DOCUMENT),
    Column("told", TEXT, CheckConstraint(one_of("told", Contact), name="told"), nullable=False, server_default="never"),
    Column("drain_left", NUMBER, CheckConstraint("drain_left >= 0", name="drain_left")),
    Column("refuses", DOCUMENT),
    UniqueConstraint("name"),
    CheckConstraint(one_of("kind", RunnerKind), name="kind"),
    CheckConstraint("(kind = 'ssh') = (ssh is not null)", name="ssh"),
    CheckConstraint("(kind = 'agent') = (agent is not null)", name="agent"),
    CheckConstraint("slots >= 0", name="slots"),
    CheckConstraint(one_of("state", AvailabilityState), name="state"),
    CheckConstraint("state <> 'open' or state_until is null", name="open_without_end"),
    CheckConstraint("state <> 'paused' or state_until is not null", name="pause_ends"),
    CheckConstraint(
        "(driver_id is null) = (driver_epoch is null) and (driver_id is null) = (driver_until is null) "
        "and (driver_id is null) = (driver_since is null) and (driver_id is null) = (driver_heard_at is null)",
        name="driver",
    ),
    postgresql_with={"fillfactor": 50},
    **STRICT,
)
