"""The tokens of attempts."""

from typing import Final

from sqlalchemy import Column, ForeignKeyConstraint, Table, UniqueConstraint

from ..columns import KEY, NUMBER, TEXT
from .metadata import CLUSTERED, METADATA

ATTEMPT_TOKEN: Final = Table(
    "attempt_token",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("job_id", KEY, nullable=False),
    Column("attempt", NUMBER, nullable=False),
    Column("hash", TEXT, nullable=False),
    UniqueConstraint("job_id", "attempt"),
    ForeignKeyConstraint(["job_id", "attempt"], ["attempt.job_id", "attempt.number"]),
    **CLUSTERED,
)
