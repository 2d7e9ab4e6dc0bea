"""What may be known of secrets. Their values are in `sealed`."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Table

from ..columns import KEY, MOMENT, NUMBER, TEXT
from .metadata import CLUSTERED, METADATA

SECRET: Final = Table(
    "secret",
    METADATA,
    Column("project", KEY, primary_key=True),
    Column("name", KEY, primary_key=True),
    Column("version", NUMBER, nullable=False),
    Column("set_at", MOMENT, nullable=False),
    Column("set_by", TEXT, nullable=False),
    CheckConstraint("version > 0", name="version"),
    **CLUSTERED,
)
