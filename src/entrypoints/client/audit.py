"""The audit trail of a server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self, TypedDict, Unpack

from .api import Api

_PAGE: Final = 100


class AuditMeant(TypedDict, total=False):
    """Which entries are meant: those for which all of it is true. A moment is RFC 3339, or has a zone.

    `action` is that of a use case, as in `cordon_runner`, or a permission; `resource` a kind, as in `runner`, or one
    thing by its id or name, as in `runner:build1`.
    """

    actor: str
    action: str
    resource: str
    project: str
    outcome: str
    since: datetime | str
    until: datetime | str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to what, from where, and what is different since; `raw` is what the server said, whole."""

    id: int
    at: datetime
    actor: str | None
    address: str
    action: str
    resource: str
    project: str | None
    outcome: str
    reason: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The entry in a view."""
        thing = view["resource"]
        named = thing["name"] or thing["id"]
        return cls(
            id=view["id"],
            at=datetime.fromisoformat(view["at"]),
            actor=view["actor"]["name"],
            address=view["address"],
            action=view["action"],
            resource=f"{thing['kind']}:{named}" if named else thing["kind"],
            project=view["project"],
            outcome=view["outcome"],
            reason=view["reason"],
            before=view["before"],
            after=view["after"],
            raw=view,
        )


class Audit:
    """The audit trail of a server, as far as the caller may see it."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def __call__(self, *, limit: int | None = None, **which: Unpack[AuditMeant]) -> Iterator[AuditEntry]:
        """The entries that are meant, newest first, fetched page by page."""
        params: dict[str, str | int] = {name: _text(value) for name, value in which.items() if value is not None}
        left = limit
        while left is None or left > 0:
            page = self._api.call("GET", "audit", params=params | {"limit": min(left or _PAGE, _PAGE)})
            yield from (AuditEntry.of(view) for view in page["items"][:left])
            left = None if left is None else left - len(page["items"])
            if not page["next_cursor"]:
                return
            params["cursor"] = page["next_cursor"]


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
