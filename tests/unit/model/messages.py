"""What drivers and hosts say to each other, and the network in between."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from runyard.domain.jobs.attempt import Outcome
from runyard.domain.jobs.ids import AttemptRef


@dataclass(frozen=True)
class Hello:
    """Please stamp your clock."""


@dataclass(frozen=True)
class Welcome:
    nonce: str
    boot: str
    stamp: float


@dataclass(frozen=True)
class Start:
    ref: AttemptRef
    fence: int
    welcome: Welcome
    duration: int
    code: int


@dataclass(frozen=True)
class Void:
    ref: AttemptRef


@dataclass(frozen=True)
class Poll:
    """Tell what became of these, and their output from there."""

    offsets: Mapping[AttemptRef, int]


@dataclass(frozen=True)
class Fact:
    """`kind`: absent, void, started, recorded or broken."""

    kind: str
    boot: str
    fence: int = 0
    offset: int = 0
    data: bytes = b""
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Facts:
    boot: str
    stamp: float
    facts: Mapping[AttemptRef, Fact]
    held: frozenset[AttemptRef]


@dataclass(frozen=True)
class Renewed:
    """The database holds a lease that began after this stamp."""

    ref: AttemptRef
    boot: str
    stamp: float


@dataclass(frozen=True)
class Trim:
    ref: AttemptRef
    offset: int


@dataclass(frozen=True)
class Forget:
    ref: AttemptRef


@dataclass(frozen=True)
class Cancel:
    ref: AttemptRef


@dataclass(frozen=True)
class Letter:
    """A message on its way; `request` ties an answer to its question and to the process that asked."""

    due: float
    source: str
    target: str
    request: tuple[str, int] | None
    message: Any


@dataclass
class Network:
    """Drops, doubles, delays and cuts."""

    random: Random
    drop: float = 0.0
    double: float = 0.0
    delay: float = 0.0
    longest: float = 100.0
    cuts: set[frozenset[str]] = field(default_factory=set)
    on_the_way: list[Letter] = field(default_factory=list)
    held: list[Letter] = field(default_factory=list)
    holding: type | None = None
    doubling: type | None = None

    def send(self, now: float, source: str, target: str, message: Any, request: tuple[str, int] | None = None) -> None:
        for _ in range(2 if isinstance(message, self.doubling or ()) else 1 + (self.random.random() < self.double)):
            letter = Letter(now + 1 + self._late(), source, target, request, message)
            if isinstance(message, self.holding or ()):
                self.held.append(letter)
            elif self.random.random() >= self.drop:
                self.on_the_way.append(letter)

    def arrived(self, now: float) -> list[Letter]:
        """What gets through now. A cut loses what arrives during it."""
        due = [letter for letter in self.on_the_way if letter.due <= now]
        self.on_the_way = [letter for letter in self.on_the_way if letter.due > now]
        return [letter for letter in due if frozenset((letter.source, letter.target)) not in self.cuts]

    def let_go(self) -> None:
        """Deliver what was held back."""
        self.holding = None
        self.on_the_way += self.held
        self.held = []

    def _late(self) -> float:
        return self.random.uniform(0, self.longest) if self.random.random() < self.delay else 0.0
