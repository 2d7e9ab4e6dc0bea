"""The keys of submissions."""

from typing import Final

from sqlalchemy import Column, Index, Table

from ..columns import KEY, MOMENT, TEXT
from .metadata import CLUSTERED, METADATA

# It refers to no job: a key outlives its job where jobs are removed early.
SUBMISSION_KEY: Final = Table(
    "submission_key",
    METADATA,
    Column("key", KEY, primary_key=True),
    Column("fingerprint", TEXT, nullable=False),
    Column("job_id", KEY, nullable=False),
    Column("until", MOMENT, nullable=False),
    Index("ix_submission_key_until", "until"),
    **CLUSTERED,
)
