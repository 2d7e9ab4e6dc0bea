"""Sealed values, wherever they belong."""

from typing import Final

from sqlalchemy import Column, Index, Table

from ..columns import BLOB, KEY
from .metadata import METADATA, STRICT

SEALED: Final = Table(
    "sealed",
    METADATA,
    Column("place", KEY, primary_key=True),
    Column("key", KEY, nullable=False),
    Column("data", BLOB, nullable=False),
    Index("ix_sealed_key_place", "key", "place"),
    **STRICT,
)
