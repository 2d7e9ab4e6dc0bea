"""Runners of a server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Self, Unpack
from urllib.parse import quote

from .api import Api
from .fields import RunnerFields

_MOMENTS: Final = frozenset({"until", "since", "driven_since", "heard_at"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A runner as the server last described it; `raw` is that description, whole."""

    id: str
    name: str
    kind: str
    state: str
    availability: str
    slots: int
    busy: int
    revision: int
    queues: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    project: str = "default"
    shared_with: Sequence[str] = ()
    owners: Sequence[str] = ("*",)
    until: datetime | None = None
    note: str | None = None
    since: datetime | None = None
    drained: bool = False
    driver: str | None = None
    driven_since: datetime | None = None
    heard_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The runner in a view; fields this version does not know stay in `raw`."""
        names = {each.name for each in fields(cls)} - {"raw"}
        known: dict[str, Any] = {
            name: datetime.fromisoformat(value) if name in _MOMENTS and value is not None else value
            for name, value in view.items()
            if name in names
        }
        return cls(**known, raw=view)


class Runners:
    """The runners of a server, each called by its name or its id."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self) -> tuple[Runner, ...]:
        """All of them, by name."""
        return tuple(Runner.of(view) for view in self._api.call("GET", "runners")["items"])

    def get(self, runner: str) -> Runner:
        """The runner as it is now."""
        return Runner.of(self._api.call("GET", _at(runner)))

    def edit(self, runner: str, *, revision: int | None = None, **changes: Unpack[RunnerFields]) -> Runner:
        """Change what is given; with a `revision`, only if nobody edited it since."""
        given = {name: [*value] if isinstance(value, tuple) else value for name, value in changes.items()}
        body = {name: value for name, value in given.items() if value is not None}
        headers = None if revision is None else {"If-Match": f'"{revision}"'}
        return Runner.of(self._api.call("PATCH", _at(runner), body=body, headers=headers))

    def cordon(self, runner: str, *, note: str | None = None) -> Runner:
        """No new work until it is uncordoned."""
        return self._act(runner, "cordon", {"note": note})

    def uncordon(self, runner: str) -> Runner:
        """It takes new work again, whatever closed it."""
        return self._act(runner, "uncordon", {})

    def pause(
        self, runner: str, *, seconds: float | None = None, until: datetime | None = None, note: str | None = None
    ) -> Runner:
        """No new work until then, or for so many seconds."""
        return self._act(runner, "pause", {"seconds": seconds, "until": until and until.isoformat(), "note": note})

    def drain(
        self, runner: str, *, seconds: float | None = None, until: datetime | None = None, note: str | None = None
    ) -> Runner:
        """No new work. What still runs at the end, if there is one, is cancelled."""
        return self._act(runner, "drain", {"seconds": seconds, "until": until and until.isoformat(), "note": note})

    def remove(self, runner: str) -> None:
        """Forget a runner that nobody drives and where nothing lives."""
        with self._api.stream("DELETE", _at(runner)):
            pass

    def _act(self, runner: str, what: str, said: Mapping[str, Any]) -> Runner:
        body = {name: value for name, value in said.items() if value is not None}
        return Runner.of(self._api.call("POST", f"{_at(runner)}/{what}", body=body or None))


def _at(runner: str) -> str:
    return f"runners/{quote(runner, safe='')}"
