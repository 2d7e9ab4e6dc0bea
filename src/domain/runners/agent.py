"""What is known of the machine of a runner of kind `agent`, and how its silence is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from ..errors import FieldProblem
from ..labels import text_problems
from .errors import InvalidRunner

LEASE: Final = timedelta(seconds=150)
"""So long after it was last heard an agent has its runner to itself; nobody with its token is let in meanwhile."""
ONLINE_FOR: Final = timedelta(seconds=75)
"""So long after it was last heard it is online; then it is late."""
WAIT_SECONDS: Final = 55
"""An agent that has nothing to do asks so often, and waits so long for an answer."""
_MOST_DEVICES: Final = 64
_TOLD: Final = timedelta(minutes=1)
_FACT: Final = "fact/"


class Contact(StrEnum):
    """How recently an agent was heard of."""

    NEVER = "never"
    ONLINE = "online"
    LATE = "late"
    OFFLINE = "offline"


HEARD_OF: Final = frozenset({Contact.ONLINE, Contact.LATE})

CONTACTS: Final[tuple[tuple[timedelta, Contact], ...]] = (
    (ONLINE_FOR, Contact.ONLINE),
    (LEASE, Contact.LATE),
)
"""Silence up to so long means this; more is offline."""


def contact(heard_at: datetime | None, *, left: bool, now: datetime) -> Contact:
    """What the silence means; an agent that has `left` said so, and is offline at once."""
    if heard_at is None:
        return Contact.NEVER
    if left:
        return Contact.OFFLINE
    return next((each for most, each in CONTACTS if now - heard_at <= most), Contact.OFFLINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """What an agent found out about its machine. Facts are found, labels are set; placement uses both."""

    system: str
    release: str = ""
    architecture: str = ""
    hostname: str = ""
    cpus: int = 1
    cpu_model: str = ""
    memory_bytes: int | None = None
    disk_bytes: int | None = None
    gpus: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    agent_version: str = ""

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise InvalidRunner(problems)

    @property
    def labels(self) -> Mapping[str, str]:
        """The same for placement; what people set under these names counts more."""
        found = {
            "system": self.system,
            "architecture": self.architecture,
            "hostname": self.hostname,
            "gpu": "yes" if self.gpus else "no",
        }
        return {_FACT + name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that people should look at, and when it was seen last."""

    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Watch:
    """What was told last of a runner that is watched: how recently its driver was heard of, and how many attempts were
    `left` while it drains.
    """

    told: Contact = Contact.NEVER
    left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSide:
    """The machine as its agent told it last. `memory_free` and `disk_free` are bytes; `token_at` is since when it has
    the token it comes with, `revoked_at` when its tokens were revoked, if none was given out since.
    """

    registered_at: datetime | None = None
    token_at: datetime | None = None
    revoked_at: datetime | None = None
    facts: MachineFacts | None = None
    facts_at: datetime | None = None
    memory_free: int | None = None
    disk_free: int | None = None
    alarm: Alarm | None = None

    def registered(self, facts: MachineFacts | None, *, now: datetime) -> Self:
        """Registered anew; what was alarming before is over."""
        registered = replace(self, registered_at=now, token_at=now, revoked_at=None, alarm=None)
        return registered.found(facts, now=now)

    def exchanged(self, *, now: datetime) -> Self:
        """With a new token."""
        return replace(self, token_at=now)

    def revoked(self, *, now: datetime) -> Self:
        """Without one that is good."""
        return replace(self, revoked_at=now)

    def found(self, facts: MachineFacts | None, *, now: datetime) -> Self:
        """With these facts, if they are new."""
        return self if facts is None or facts == self.facts else replace(self, facts=facts, facts_at=now)

    def alarmed(self, why: str, *, now: datetime) -> Self:
        """With this for people to look at; what was told a moment ago is not told again."""
        told = self.alarm is not None and now - self.alarm.at < _TOLD
        return self if told else replace(self, alarm=Alarm(why, now))


@dataclass(frozen=True, slots=True)
class Room:
    """What is free on the machine, in bytes, as far as the agent knows; and why it takes nothing, if it does not."""

    memory: int | None = None
    disk: int | None = None
    refuses: str | None = None


def _problems(facts: MachineFacts) -> Iterator[FieldProblem]:
    for name in ("system", "release", "architecture", "hostname", "cpu_model", "agent_version"):
        yield from text_problems(f"/facts/{name}", getattr(facts, name), most=256)
    for name in ("gpus", "addresses"):
        told: tuple[str, ...] = getattr(facts, name)
        if len(told) > _MOST_DEVICES:
            yield FieldProblem(f"/facts/{name}", f"at most {_MOST_DEVICES}")
        for place, each in enumerate(told[:_MOST_DEVICES]):
            yield from text_problems(f"/facts/{name}/{place}", each, most=256)
    for name in ("cpus", "memory_bytes", "disk_bytes"):
        size: int | None = getattr(facts, name)
        if size is not None and not 0 <= size < 1 << 62:
            yield FieldProblem(f"/facts/{name}", "must be a size")
