"""Runners of a server."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Self, Unpack
from urllib.parse import quote

from .api import Api
from .fields import AgentFields, RunnerFields, SshFields
from .runner_events import RunnerEvent, events_of

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
    ssh: Mapping[str, Any] | None = None
    trouble: Mapping[str, Any] | None = None
    refuses: Mapping[str, Any] | None = None
    checked: Mapping[str, Any] | None = None
    agent: Mapping[str, Any] | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A token to register a machine with; it is told once."""

    token: str = field(repr=False)
    expires_at: datetime

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The token in a view."""
        return cls(token=view["token"], expires_at=datetime.fromisoformat(view["expires_at"]))


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

    def events(self, runner: str, *, limit: int | None = None) -> Iterator[RunnerEvent]:
        """What happened to it, newest first."""
        return events_of(self._api, runner, limit)

    def add_ssh(
        self, name: str, *, host: str, user: str, host_keys: Sequence[str], **more: Unpack[SshFields]
    ) -> Runner:
        """Make a host a runner. It is looked over first, unless `check` is false, and refused if it cannot be one."""
        body = {"kind": "ssh", "name": name, "host": host, "user": user, "host_keys": [*host_keys], **more}
        return Runner.of(self._api.call("POST", "runners", body=body))

    def add_agent(self, name: str, **more: Unpack[AgentFields]) -> tuple[Runner, Registration]:
        """Make a runner of a machine that will come by itself, and a token for it to register with."""
        answer = self._api.call("POST", "agents", body={"name": name, **more})
        return Runner.of(answer["runner"]), Registration.of(answer["registration"])

    def invite(self, runner: str, *, expires_in: float | None = None) -> Registration:
        """A new token to register its machine with, or another in its place; those made before are void."""
        body = None if expires_in is None else {"expires_in": expires_in}
        return Registration.of(self._api.call("POST", f"{_at(runner)}/registration", body=body))

    def revoke(self, runner: str) -> int:
        """Make all tokens of its machine good no more; how many there were."""
        return int(self._api.call("POST", f"{_at(runner)}/revoke")["revoked"])

    def host_key(self, host: str, port: int = 22) -> Mapping[str, Any]:
        """The key a host shows to the server: its `type`, its `fingerprint`, and the `key` to pin."""
        shown: Mapping[str, Any] = self._api.call("POST", "runners/host-key", body={"host": host, "port": port})
        return shown

    def check(self, runner: str) -> Runner:
        """Look its host over; what was found is in `checked`."""
        return Runner.of(self._api.call("POST", f"{_at(runner)}/check"))

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
