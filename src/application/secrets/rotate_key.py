"""Rotate the key: whatever is sealed is sealed anew, under the newest key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ...domain.secrets.sealing import Place, SealBroken, Sealed, SealingKeyUnavailable
from ..ports.sealing import Sealer
from ..ports.secret_work import SealedWork
from ..ports.work import Begin

_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateKeyCommand:
    """With `renew` a key is made first, where keys are ours to make."""

    renew: bool = False


@dataclass(frozen=True, slots=True)
class Rotation:
    """`key` is the newest, `resealed` what was moved to it, `unopened` what could not be, in words.

    `unused`: the other keys under which nothing is sealed any more.
    """

    key: str
    resealed: int
    unopened: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


class RotateKey:
    """Goes on where it was interrupted: what is under the newest key is left alone."""

    def __init__(self, begin: Begin[SealedWork], sealer: Sealer) -> None:
        self._begin = begin
        self._sealer = sealer

    def execute(self, command: RotateKeyCommand) -> Rotation:
        """What was done; each hundred values are durable before the next are begun."""
        newest = self._sealer.renew() if command.renew else self._sealer.keys()[0]
        resealed, unopened, last = 0, list[str](), None
        while True:
            with self._begin() as work:
                found = work.sealed.not_under(newest, after=last, limit=_AT_ONCE)
                used = work.sealed.count()
                moved, broken = self._moved(found)
                resealed += sum(work.sealed.swap(place, before, after) for place, before, after in moved)
                unopened += broken
                work.commit()
            if not found:
                break
            last = found[-1][0]
        older = self._sealer.keys()[1:]
        unused = tuple(key for key in older if key not in used)
        return Rotation(newest, resealed, tuple(unopened), unused)

    def _moved(self, found: Sequence[tuple[Place, Sealed]]) -> tuple[list[tuple[Place, Sealed, Sealed]], list[str]]:
        moved, broken = [], []
        for place, before in found:
            try:
                moved.append((place, before, self._sealer.reseal(before, place)))
            except (SealBroken, SealingKeyUnavailable) as why:
                broken.append(f"{place.told}: {why}")
        return moved, broken
