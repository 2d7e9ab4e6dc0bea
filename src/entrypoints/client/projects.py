"""Projects of a server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self, TypedDict, Unpack
from urllib.parse import quote

from .api import Api


class LimitFields(TypedDict, total=False):
    """Limits to change: 0 is no limit, None leaves it to what is usual in the installation."""

    queued: int | None
    running: int | None
    submissions_per_minute: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLimits:
    """Of the whole project (`owner` is None), of each owner in it (`*`), or of one: what was set, and what holds.

    `queued` and `running` are how many wait and run now, but for `*`.
    """

    owner: str | None
    set: Mapping[str, int | None]
    in_force: Mapping[str, int | None]
    queued: int | None
    running: int | None

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The limits in a view."""
        return cls(**{name: view[name] for name in ("owner", "set", "in_force", "queued", "running")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as the server last described it; `raw` is that description, whole. A list leaves out its `limits`."""

    name: str
    created_at: datetime
    limits: tuple[ProjectLimits, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The project in a view; fields this version does not know stay in `raw`."""
        limits = tuple(map(ProjectLimits.of, view.get("limits", ())))
        return cls(name=view["name"], created_at=datetime.fromisoformat(view["created_at"]), limits=limits, raw=view)


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

    def get(self, name: str) -> Project:
        """The project, with its limits and how much of them is used."""
        return Project.of(self._api.call("GET", f"projects/{quote(name, safe='')}"))

    def limit(self, name: str, *, owner: str | None = None, **limits: Unpack[LimitFields]) -> None:
        """Change limits of the whole project, of each `owner` in it (`*`), or of one."""
        self._api.call("PATCH", f"projects/{quote(name, safe='')}/limits", body={"owner": owner, **limits})

    def members(self, project: str) -> Mapping[str, str]:
        """The role of each member, by name."""
        found = self._api.call("GET", f"projects/{quote(project, safe='')}/members")["items"]
        return {view["account"]: view["role"] for view in found}

    def set_role(self, project: str, account: str, role: str | None) -> None:
        """What an account is in the project; None is nothing any more."""
        path = f"projects/{quote(project, safe='')}/members/{quote(account, safe='')}"
        with self._api.stream("DELETE" if role is None else "PUT", path, body=None if role is None else {"role": role}):
            pass
