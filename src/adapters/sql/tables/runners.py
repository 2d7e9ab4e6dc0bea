"""Runners and who drives them."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Table, UniqueConstraint

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
    Column("driver_id", TEXT),
    Column("driver_epoch", BIG),
    Column("driver_until", MOMENT),
    UniqueConstraint("name"),
    CheckConstraint(one_of("kind", RunnerKind), name="kind"),
    CheckConstraint("slots >= 0", name="slots"),
    CheckConstraint(
        "(driver_id is null) = (driver_epoch is null) and (driver_id is null) = (driver_until is null)", name="driver"
    ),
    postgresql_with={"fillfactor": 50},
    **STRICT,
)
