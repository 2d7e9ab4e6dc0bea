"""What happens to a runner, read from what it was and what it is: as a table of names that anybody may go by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from .agent import AgentSide, Contact
from .availability import AvailabilityState
from .ids import RunnerId
from .runner import Runner

Said = int | str | None
"""What an event says of one thing."""


class RunnerEventKind(StrEnum):
    """Kinds of events. More may come."""

    REGISTERED = "registered"
    ONLINE = "online"
    LATE = "late"
    OFFLINE = "offline"
    CORDONED = "cordoned"
    UNCORDONED = "uncordoned"
    PAUSED = "paused"
    DRAINING = "draining"
    DRAINED = "drained"
    TOKEN_ROTATED = "token_rotated"  # noqa: S105 - a name
    REVOKED = "revoked"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class RunnerHappening:
    """One thing that a change means."""

    kind: RunnerEventKind
    details: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerEvent:
    """Something that happened to a runner, `by` whom if somebody decided it. The store gives the `id`, which grows."""

    runner_id: RunnerId
    at: datetime
    kind: RunnerEventKind
    details: Mapping[str, Said] = field(default_factory=dict)
    by: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class RunnerEventPage:
    """Some events of a runner, newest first; `next_after` continues the list, None when it has ended."""

    items: tuple[RunnerEvent, ...]
    next_after: int | None


_K = RunnerEventKind
_CONTACTS: Final = {Contact.ONLINE: _K.ONLINE, Contact.LATE: _K.LATE, Contact.OFFLINE: _K.OFFLINE}
_DECIDED: Final = {
    AvailabilityState.OPEN: _K.UNCORDONED,
    AvailabilityState.CORDONED: _K.CORDONED,
    AvailabilityState.PAUSED: _K.PAUSED,
    AvailabilityState.DRAINING: _K.DRAINING,
}


def runner_happenings(before: Runner | None, after: Runner) -> Iterator[RunnerHappening]:
    """Everything that this change means; one may mean several things. Of a new runner there was none `before`."""
    if after.agent is not None:
        yield from _of_agent((before.agent if before else None) or AgentSide(), after.agent)
    watched = before.watch if before else None
    if after.watch.told in _CONTACTS and (watched is None or after.watch.told is not watched.told):
        trouble = after.trouble if after.watch.told is Contact.OFFLINE else None
        yield RunnerHappening(_CONTACTS[after.watch.told], {"why": trouble.why} if trouble else {})
    if before is not None and after.availability != before.availability:
        decided = {"until": after.availability.until, "note": after.availability.note}
        yield RunnerHappening(_DECIDED[after.availability.state], _told(decided))
    if after.watch.left is not None and (watched is None or after.watch.left != watched.left):
        yield (
            RunnerHappening(_K.DRAINING, {"left": after.watch.left})
            if after.watch.left
            else RunnerHappening(_K.DRAINED)
        )


def _of_agent(before: AgentSide, after: AgentSide) -> Iterator[RunnerHappening]:
    if after.registered_at != before.registered_at and after.registered_at is not None:
        facts = after.facts
        known = {} if facts is None else {name: getattr(facts, name) for name in _FACTS}
        yield RunnerHappening(_K.REGISTERED, {name: value for name, value in known.items() if value})
    elif after.token_at != before.token_at:
        yield RunnerHappening(_K.TOKEN_ROTATED)
    if after.revoked_at != before.revoked_at and after.revoked_at is not None:
        yield RunnerHappening(_K.REVOKED)
    if after.alarm != before.alarm and after.alarm is not None:
        yield RunnerHappening(_K.ALARM, {"why": after.alarm.why})


_FACTS: Final = ("hostname", "system", "architecture", "agent_version")


def _told(values: Mapping[str, datetime | str | None]) -> Mapping[str, Said]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if value is not None
    }
