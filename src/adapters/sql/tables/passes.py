"""The passes of agents."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table

from ....domain.runners.passes import PassKind
from ..columns import KEY, MOMENT, TEXT
from .metadata import CLUSTERED, METADATA, one_of
from .runners import RUNNER

RUNNER_PASS: Final = Table(
    "runner_pass",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("runner_id", KEY, ForeignKey(RUNNER.c.id, ondelete="CASCADE"), nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("hash", TEXT, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("replaces", KEY),
    Column("replaced_by", KEY),
    Column("used_at", MOMENT),
    Column("over_at", MOMENT),
    CheckConstraint(one_of("kind", PassKind), name="kind"),
    Index("ix_runner_pass_runner_id", "runner_id"),
    **CLUSTERED,
)
