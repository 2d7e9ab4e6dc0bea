"""Envelope encryption at rest: values are sealed under keys that do not lie beside them.

A value has a key of its own, and that one is wrapped under the newest of the installation's keys: to
rotate is to wrap anew, whatever was sealed.
"""

from collections.abc import Collection, Mapping
from typing import Protocol

from ...domain.secrets.sealing import Place, Sealed


class Sealer(Protocol):
    """Seals and opens. Any of it may be `SealingKeyUnavailable`, which says what to do about it."""

    def keys(self) -> tuple[str, ...]:
        """The ids of the keys there are, newest first. The first one seals, all of them open."""

    def seal(self, plain: bytes, place: Place) -> Sealed:
        """The value, to be opened at this place and at no other; never twice the same bytes."""

    def open(self, sealed: Sealed, place: Place) -> bytes:
        """The value; `SealBroken` if these bytes were not sealed here."""

    def reseal(self, sealed: Sealed, place: Place) -> Sealed:
        """The same value under the newest key; `SealBroken` if these bytes were not sealed here."""

    def renew(self) -> str:
        """Make a key that is the newest from here on, and keep the others; `KeysNotOurs` where keys are given."""


class SealedReading(Protocol):
    """Sealed values as they are read."""

    def get(self, places: Collection[Place]) -> Mapping[Place, Sealed]:
        """What is kept at these places; where there is nothing, nothing."""

    def count(self) -> Mapping[str, int]:
        """How many values are sealed under each key."""


class SealedValues(SealedReading, Protocol):
    """Sealed values as use cases change them. Writes live and die with the unit of work.

    Whatever is sealed anywhere is kept here, so that one rotation reaches all of it.
    """

    def put(self, place: Place, sealed: Sealed) -> None:
        """Keep it, in place of what is there."""

    def remove(self, places: Collection[Place]) -> None:
        """Nothing is kept at these places, whether there was something or not."""

    def swap(self, place: Place, before: Sealed, after: Sealed) -> bool:
        """Keep the one in place of the other; nothing changes, and False, if something else is there by now."""

    def not_under(self, key: str, *, after: Place | None, limit: int) -> list[tuple[Place, Sealed]]:
        """Up to so many values sealed under another key, those behind `after`, by the text of their places."""
