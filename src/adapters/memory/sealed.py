"""Sealed values."""

from collections import Counter
from collections.abc import Collection, Mapping

from ...domain.secrets.sealing import Place, Sealed
from .state import State


class MemorySealedValues:
    """Sealed values, to read and to change."""

    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, places: Collection[Place]) -> Mapping[Place, Sealed]:
        return {place: self._state.sealed[place] for place in places if place in self._state.sealed}

    def count(self) -> Mapping[str, int]:
        return Counter(sealed.key for sealed in self._state.sealed.values())

    def put(self, place: Place, sealed: Sealed) -> None:
        self._state.sealed[place] = sealed

    def remove(self, places: Collection[Place]) -> None:
        for place in places:
            self._state.sealed.pop(place, None)

    def swap(self, place: Place, before: Sealed, after: Sealed) -> bool:
        found = self._state.sealed.get(place) == before
        if found:
            self._state.sealed[place] = after
        return found

    def not_under(self, key: str, *, after: Place | None, limit: int) -> list[tuple[Place, Sealed]]:
        items = sorted(self._state.sealed.items(), key=lambda item: str(item[0]))
        behind = [(place, sealed) for place, sealed in items if after is None or str(place) > str(after)]
        return [(place, sealed) for place, sealed in behind if sealed.key != key][:limit]
