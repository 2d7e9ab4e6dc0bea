"""Projects and the owners in them, read to be judged."""

from dataclasses import dataclass
from typing import Protocol

from ...domain.observability.tenants import Standing


@dataclass(frozen=True, slots=True)
class Crossing:
    """A row of one project that belongs to another one, or to one that is not there: which, and how."""

    row: str
    told: str


class TenantReading(Protocol):
    """The store as it is, right or wrong. Slow by nature: for those who look after it, never for a request."""

    def standings(self) -> list[Standing]:
        """Of everybody who has a job that waits for its first try, or runs, in any order."""

    def crossings(self, limit: int) -> list[Crossing]:
        """Up to `limit` rows of each kind that belong across projects, or to a project that is not there."""


class TenantsReading(Protocol):
    """A look at whose everything is."""

    @property
    def tenants(self) -> TenantReading:
        """Projects and the owners in them."""
