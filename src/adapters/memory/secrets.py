"""Secrets: what may be known of them."""

from collections.abc import Collection
from datetime import datetime

from ...domain.secrets.secret import Secret
from .state import State


class MemorySecrets:
    """Secrets, to read and to change."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self, project: str) -> list[Secret]:
        return [secret for (of, _), secret in sorted(self._state.secrets.items()) if of == project]

    def known(self, project: str, names: Collection[str]) -> frozenset[str]:
        return frozenset(name for name in names if (project, name) in self._state.secrets)

    def set(self, project: str, name: str, *, by: str, at: datetime) -> Secret:
        old = self._state.secrets.get((project, name))
        version = old.version + 1 if old else 1
        new = Secret(project=project, name=name, version=version, set_at=at, set_by=by)
        self._state.secrets[project, name] = new
        return new

    def remove(self, project: str, name: str) -> bool:
        return self._state.secrets.pop((project, name), None) is not None
