"""The events of runners."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Identity, Index, Table

from ..columns import BIG, DOCUMENT, KEY, MOMENT, TEXT
from .metadata import METADATA, STRICT
from .runners import RUNNER

RUNNER_EVENT: Final = Table(
    "runner_event",
    METADATA,
    Column("id", BIG, Identity(), primary_key=True),
    Column("runner_id", KEY, ForeignKey(RUNNER.c.id, ondelete="CASCADE"), nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("details", DOCUMENT, nullable=False),
    Column("by", TEXT),
    Index("ix_runner_event_runner_id", "runner_id", "id"),
    Index("ix_runner_event_at", "at"),
    **STRICT,
)
