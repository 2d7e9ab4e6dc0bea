"""When somebody last swept the leases of attempts: one row."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Table

from ..columns import MOMENT, NUMBER
from .metadata import METADATA, STRICT

LEASE_WATCH: Final = Table(
    "lease_watch",
    METADATA,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("swept_at", MOMENT, nullable=False),
    Column("hold_until", MOMENT, nullable=False),
    CheckConstraint("id = 1", name="one"),
    postgresql_with={"fillfactor": 10},
    **STRICT,
)
