"""Queues that are paused."""

from typing import Final

from sqlalchemy import Column, Table

from ..columns import KEY, MOMENT, TEXT
from .metadata import CLUSTERED, METADATA

QUEUE_PAUSE: Final = Table(
    "queue_pause",
    METADATA,
    Column("project", KEY, primary_key=True),
    Column("queue", KEY, primary_key=True),
    Column("since", MOMENT, nullable=False),
    Column("until", MOMENT),
    Column("reason", TEXT),
    **CLUSTERED,
)
