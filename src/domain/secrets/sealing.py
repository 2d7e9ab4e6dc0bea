"""Values at rest: sealed under a key that lies elsewhere, each at its own place."""

import json
from dataclasses import dataclass, field

from ..errors import Refusal, RunyardError


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a sealed value belongs: a kind, and names within it. What was sealed for one place opens at no other."""

    kind: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        """As text that no other place has."""
        return json.dumps([self.kind, *self.names], separators=(",", ":"))

    @classmethod
    def of(cls, text: str) -> "Place":
        """The place of this text."""
        kind, *names = json.loads(text)
        return cls(kind, tuple(names))

    @property
    def told(self) -> str:
        """For people."""
        return f"{self.kind} {'/'.join(self.names)}"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value nobody can read without the key of this id."""

    key: str
    data: bytes = field(repr=False)


class SealingKeyUnavailable(RunyardError):
    """There is no key to seal with, or not the one that something was sealed under."""

    refusal = Refusal.UNAVAILABLE
    code = "sealing-key-unavailable"


class SealBroken(RunyardError):
    """What is stored is not what was sealed for this place: it was changed, or moved."""

    refusal = Refusal.CONFLICT
    code = "seal-broken"

    def __init__(self, place: Place) -> None:
        super().__init__(f"what is stored of {place.told} was not sealed there: it was changed or moved; set it anew")


class KeysNotOurs(RunyardError):
    """The keys are given to this server; it makes none."""

    refusal = Refusal.CONFLICT
    code = "keys-not-ours"
