"""The output of attempts."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Table

from ..columns import BIG, BLOB, KEY, NUMBER
from .metadata import CLUSTERED, METADATA, STRICT

LOG: Final = Table(
    "log",
    METADATA,
    Column("job_id", KEY, primary_key=True),
    Column("attempt", NUMBER, primary_key=True, autoincrement=False),
    Column("stored", BIG, nullable=False),
    CheckConstraint("stored > 0", name="stored"),
    ForeignKeyConstraint(["job_id", "attempt"], ["attempt.job_id", "attempt.number"]),
    postgresql_with={"fillfactor": 70},
    **CLUSTERED,
)

# The blob comes last: SQLite then finds the sizes without walking through the output.
LOG_CHUNK: Final = Table(
    "log_chunk",
    METADATA,
    Column("job_id", KEY, primary_key=True),
    Column("attempt", NUMBER, primary_key=True, autoincrement=False),
    Column("start", BIG, primary_key=True, autoincrement=False),
    Column("size", NUMBER, nullable=False),
    Column("records", BLOB, nullable=False),
    CheckConstraint("start >= 0 and size > 0", name="place"),
    ForeignKeyConstraint(["job_id", "attempt"], ["log.job_id", "log.attempt"]),
    **STRICT,
)
