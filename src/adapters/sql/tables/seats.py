"""Concurrency keys, who holds their seats and who waits for one."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Table, UniqueConstraint

from ..columns import BIG, KEY, NUMBER
from .jobs import CHURNED
from .metadata import CLUSTERED, METADATA

CKEY: Final = Table(
    "ckey",
    METADATA,
    Column("key", KEY, primary_key=True),
    Column("seats", NUMBER, nullable=False),
    CheckConstraint("seats >= 1", name="seats"),
    postgresql_with={"fillfactor": 50},
    **CLUSTERED,
)

# The next two follow from the jobs, as `ready` and `due` do. Two jobs in one seat are impossible, whatever a query
# gets wrong.
HOLD: Final = Table(
    "hold",
    METADATA,
    Column("key", KEY, primary_key=True),
    Column("seat", NUMBER, primary_key=True, autoincrement=False),
    Column("job_id", KEY, nullable=False),
    UniqueConstraint("job_id"),
    postgresql_with=CHURNED,
    **CLUSTERED,
)

WAITER: Final = Table(
    "waiter",
    METADATA,
    Column("key", KEY, primary_key=True),
    Column("rank", BIG, primary_key=True, autoincrement=False),
    Column("job_id", KEY, primary_key=True),
    UniqueConstraint("job_id"),
    postgresql_with=CHURNED,
    **CLUSTERED,
)
