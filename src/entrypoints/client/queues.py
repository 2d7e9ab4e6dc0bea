"""Queues of a server."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import quote

from .api import Api

_MOMENTS: Final = frozenset({"since", "until", "oldest_at"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue as the server last described it; `raw` is that description, whole."""

    name: str
    paused: bool
    waiting: int
    project: str = "default"
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    oldest_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The queue in a view; fields this version does not know stay in `raw`."""
        names = {each.name for each in fields(cls)} - {"raw"}
        known: dict[str, Any] = {
            name: datetime.fromisoformat(value) if name in _MOMENTS and value is not None else value
            for name, value in view.items()
            if name in names
        }
        return cls(**known, raw=view)


class Queues:
    """The queues of a server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, project: str | None = None) -> tuple[Queue, ...]:
        """Those in which something waits, and those that are paused, by project and name."""
        found = self._api.call("GET", "queues", params=None if project is None else {"project": project})
        return tuple(Queue.of(view) for view in found["items"])

    def pause(
        self,
        queue: str,
        *,
        project: str = "default",
        reason: str | None = None,
        seconds: float | None = None,
        until: datetime | None = None,
    ) -> Queue:
        """Its jobs wait: until then, for so many seconds, or until it is resumed."""
        given = {"reason": reason, "seconds": seconds, "until": until and until.isoformat()}
        body = {name: value for name, value in given.items() if value is not None}
        return self._act(queue, "pause", project, body or None)

    def resume(self, queue: str, *, project: str = "default") -> Queue:
        """Its jobs are claimed again."""
        return self._act(queue, "resume", project, None)

    def _act(self, queue: str, what: str, project: str, body: Any) -> Queue:
        path = f"queues/{quote(queue, safe='')}/{what}"
        return Queue.of(self._api.call("POST", path, body=body, params={"project": project}))
