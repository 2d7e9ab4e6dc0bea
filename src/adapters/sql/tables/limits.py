"""What was set for projects and the owners in them."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Table

from ....domain.limits.limits import MOST_LIMIT, LimitKind
from ..columns import KEY, MOMENT, NUMBER
from .metadata import CLUSTERED, METADATA

# `owner` is empty in what is for the whole project, which no owner's name is.
PROJECT_LIMIT: Final = Table(
    "project_limit",
    METADATA,
    Column("project", KEY, primary_key=True),
    Column("owner", KEY, primary_key=True),
    *(Column(kind.value, NUMBER) for kind in LimitKind),
    Column("changed_at", MOMENT, nullable=False),
    *(CheckConstraint(f"{kind.value} between 0 and {MOST_LIMIT}", name=kind.value) for kind in LimitKind),
    **CLUSTERED,
)
