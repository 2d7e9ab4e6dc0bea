"""Projects."""

from typing import Final

from sqlalchemy import Column, Table

from ..columns import KEY, MOMENT
from .metadata import CLUSTERED, METADATA

# Never removed: what belongs to a project says so by its name alone.
PROJECT: Final = Table(
    "project",
    METADATA,
    Column("name", KEY, primary_key=True),
    Column("created_at", MOMENT, nullable=False),
    **CLUSTERED,
)
