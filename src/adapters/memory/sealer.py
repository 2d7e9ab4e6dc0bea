"""A sealer whose seals are tokens: the values themselves stay with it."""

from dataclasses import dataclass, field
from secrets import token_bytes

from ...domain.secrets.sealing import Place, SealBroken, Sealed, SealingKeyUnavailable


@dataclass(frozen=True, slots=True)
class _Kept:
    key: str
    place: Place
    plain: bytes


@dataclass(slots=True)
class MemorySealer:
    """Keys are names that it gives; `forget` loses one, as a file may be lost."""

    _names: list[str] = field(default_factory=lambda: ["key-1"])
    _kept: dict[bytes, _Kept] = field(default_factory=dict, repr=False)
    _made: int = 1

    def keys(self) -> tuple[str, ...]:
        if not self._names:
            raise SealingKeyUnavailable("there is no key to seal with")
        return tuple(self._names)

    def seal(self, plain: bytes, place: Place) -> Sealed:
        key, token = self.keys()[0], token_bytes(16)
        self._kept[token] = _Kept(key, place, plain)
        return Sealed(key, token)

    def open(self, sealed: Sealed, place: Place) -> bytes:
        if sealed.key not in self.keys():
            raise SealingKeyUnavailable(f"{place.told} is sealed under the key {sealed.key}, which is not here")
        kept = self._kept.get(sealed.data)
        if kept is None or (kept.key, kept.place) != (sealed.key, place):
            raise SealBroken(place)
        return kept.plain

    def reseal(self, sealed: Sealed, place: Place) -> Sealed:
        return self.seal(self.open(sealed, place), place)

    def renew(self) -> str:
        self._made += 1
        self._names.insert(0, f"key-{self._made}")
        return self._names[0]

    def forget(self, key: str) -> None:
        """The key is lost."""
        self._names.remove(key)
