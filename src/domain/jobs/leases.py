"""Leases of attempts, the dead man's window: how long a host goes on alone, and after which its job may be replaced.

A host that hears of nobody ends an attempt before its lease can end in the store: TERM, then KILL, counted on its own
boot-time clock from the stamp it gave for the last renewal that was acknowledged. So two trees of one job never run
at once, whoever is cut off from whom. The store ends leases by its own clock, while somebody sweeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Final, Self


@dataclass(frozen=True, slots=True)
class KindOfLease:
    """What runners of a kind have: a lease of so many seconds (None: no lease, their attempts go on for ever), and how
    many seconds a renewal may be late for good reasons: a driver died, another adopts, the store is away for a moment.
    """

    default: int | None
    tolerance: float


KINDS: Final[Mapping[str, KindOfLease]] = {
    "local": KindOfLease(None, 110.0),
    "ssh": KindOfLease(600, 110.0),
    "agent": KindOfLease(120, 60.0),
}
"""By the kind of the runner; the one table of leases."""

DRIVER_LOST: Final = 15.0
"""The lease of a driver that the tolerances allow for; a longer one makes every lease longer by the difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadman:
    """What a host does with an attempt when it hears of nobody, in seconds after the last stamp acknowledged."""

    term_after: float
    kill_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTerms:
    """How leases are made. `setting` counts instead of the default of every kind; the rest is the protocol.

    Nobody sets the protocol's constants; tests that cannot wait that long make their own. `margin` and `drift` are
    between the host's KILL and the end in the store: time to kill, and clocks that differ. A sweep after a gap of more
    than `gap` seconds holds for `hold` seconds; one that saw the store's clock leap by more than `leap`, for as long
    as the longest lease lasts.
    """

    setting: float | None = None
    driver_lease: float = DRIVER_LOST
    kinds: Mapping[str, KindOfLease] = field(default_factory=lambda: KINDS)
    longest_grace: float = 30.0
    margin: float = 5.0
    drift: float = 0.002
    gap: float = 15.0
    hold: float = 60.0
    leap: float = 5.0

    def lease(self, kind: str, *, lost_after: float | None, grace: float) -> int | None:
        """The lease of an attempt on a runner of this kind, in whole seconds, or None: it goes on for ever.

        What the job asks for comes first, then the setting, then the kind's default; none is shorter than it may be.
        """
        known = self.kinds[kind]
        asked = next((each for each in (lost_after, self.setting, known.default) if each is not None), None)
        if asked is None:
            return None
        late = known.tolerance + max(0.0, self.driver_lease - DRIVER_LOST)
        least = (self._grace(grace) + self.margin + late) / (1 - self.drift)
        return ceil(max(asked, least))

    def deadman(self, lease: int, *, grace: float) -> Deadman:
        """When the host of such an attempt ends it by itself."""
        kill_after = lease - self.margin - self.drift * lease
        return Deadman(term_after=kill_after - self._grace(grace), kill_after=kill_after)

    def _grace(self, grace: float) -> float:
        return min(grace, self.longest_grace)


USUAL: Final = LeaseTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseWatch:
    """When somebody last looked for leases that have ended, and until when nothing is called lost for it."""

    swept_at: datetime
    hold_until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether nothing may be called lost yet."""
        return now < self.hold_until

    def held_for(self, seconds: float, *, now: datetime) -> Self:
        """Nothing is called lost for so long."""
        return replace(self, hold_until=max(self.hold_until, now + timedelta(seconds=seconds)))

    @classmethod
    def after(cls, last: Self | None, terms: LeaseTerms, *, now: datetime) -> Self:
        """The watch of a sweep that happens now. After a gap hosts get time to be heard of again.

        A clock that went back has made the last watch worthless: it may hold for as long as the clock was ahead.
        """
        gap = timedelta(seconds=terms.gap)
        if last is None or last.swept_at - now > gap:
            return cls(swept_at=now, hold_until=now).held_for(terms.hold, now=now)
        watch = replace(last, swept_at=now)
        return watch.held_for(terms.hold, now=now) if now - last.swept_at > gap else watch
