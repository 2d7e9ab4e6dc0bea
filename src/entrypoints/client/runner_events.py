"""What happened to a runner."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import quote

from .api import Api

_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerEvent:
    """Something that happened, `by` whom if somebody decided it; `raw` is what the server said, whole."""

    id: int
    at: datetime
    kind: str
    by: str | None
    details: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The event in a view."""
        at = datetime.fromisoformat(view["at"])
        return cls(id=view["id"], at=at, kind=view["kind"], by=view["by"], details=view["details"], raw=view)


def events_of(api: Api, runner: str, limit: int | None) -> Iterator[RunnerEvent]:
    """What happened to it, newest first, fetched page by page."""
    params: dict[str, str | int] = {}
    left = limit
    while left is None or left > 0:
        where = f"runners/{quote(runner, safe='')}/events"
        page = api.call("GET", where, params=params | {"limit": min(left or _PAGE, _PAGE)})
        yield from (RunnerEvent.of(view) for view in page["items"][:left])
        left = None if left is None else left - len(page["items"])
        if not page["next_cursor"]:
            return
        params["cursor"] = page["next_cursor"]
