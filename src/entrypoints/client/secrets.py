"""Secrets of a server: set, never read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote

from .api import Api


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What may be known of a secret; `raw` is what the server said, whole."""

    name: str
    project: str
    version: int
    set_at: datetime
    set_by: str
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The secret in a view; fields this version does not know stay in `raw`."""
        known = {each.name: view[each.name] for each in fields(cls) if each.name != "raw"}
        return cls(**known | {"set_at": datetime.fromisoformat(view["set_at"])}, raw=view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation did: the id of the newest key, how many values moved to it, and what could not be opened."""

    key: str
    resealed: int
    unopened: Sequence[str]
    unused_keys: Sequence[str]
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The rotation in a view."""
        return cls(**{each.name: view[each.name] for each in fields(cls) if each.name != "raw"}, raw=view)


class Secrets:
    """The secrets of a server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, project: str = "default") -> tuple[Secret, ...]:
        """Those of the project by name; never values."""
        found = self._api.call("GET", "secrets", params={"project": project})
        return tuple(Secret.of(view) for view in found["items"])

    def set(self, name: str, value: str, *, project: str = "default") -> Secret:
        """Keep this value; attempts that start from now on get it."""
        return Secret.of(self._api.call("PUT", _at(name), body={"value": value}, params={"project": project}))

    def remove(self, name: str, *, project: str = "default") -> None:
        """Forget it; attempts that need it fail to start from now on."""
        with self._api.stream("DELETE", _at(name), params={"project": project}):
            pass

    def rotate_key(self, *, renew: bool = False) -> Rotation:
        """Seal everything anew under the newest key; with `renew` an embedded server makes that key first."""
        return Rotation.of(self._api.call("POST", "sealing/rotate", body={"renew": renew}))


def _at(name: str) -> str:
    return f"secrets/{quote(name, safe='')}"
