"""The secrets of projects: what may be known of them. Their values are among the sealed ones."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from ...domain.secrets.secret import Secret


class SecretReading(Protocol):
    """Secrets as they are read."""

    def all(self, project: str) -> list[Secret]:
        """Those of the project, by name."""

    def known(self, project: str, names: Collection[str]) -> frozenset[str]:
        """Those of the names that the project has a secret of."""


class Secrets(SecretReading, Protocol):
    """Secrets as use cases change them. Writes live and die with the unit of work."""

    def set(self, project: str, name: str, *, by: str, at: datetime) -> Secret:
        """The next version of the secret, or its first."""

    def remove(self, project: str, name: str) -> bool:
        """Whether there was one."""
