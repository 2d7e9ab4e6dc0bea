"""Projects of a server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote

from .api import Api


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as the server last described it; `raw` is that description, whole."""

    name: str
    created_at: datetime
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The project in a view; fields this version does not know stay in `raw`."""
        return cls(name=view["name"], created_at=datetime.fromisoformat(view["created_at"]), raw=view)


class Projects:
    """The projects of a server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self) -> tuple[Project, ...]:
        """All of them, by name."""
        return tuple(Project.of(view) for view in self._api.call("GET", "projects")["items"])

    def create(self, name: str) -> Project:
        """A new project; jobs may be submitted into it from here on."""
        return Project.of(self._api.call("POST", "projects", body={"name": name}))

    def members(self, project: str) -> Mapping[str, str]:
        """The role of each member, by name."""
        found = self._api.call("GET", f"projects/{quote(project, safe='')}/members")["items"]
        return {view["account"]: view["role"] for view in found}

    def set_role(self, project: str, account: str, role: str | None) -> None:
        """What an account is in the project; None is nothing any more."""
        path = f"projects/{quote(project, safe='')}/members/{quote(account, safe='')}"
        with self._api.stream("DELETE" if role is None else "PUT", path, body=None if role is None else {"role": role}):
            pass
