"""Runners in the model, and whose turn it is."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from .asked import Asked
from .entry import Refused

LEASE = 15.0


@dataclass(frozen=True)
class Lane:
    """Jobs that wait in one line. `key` is its name, and breaks ties."""

    key: str
    owner: str
    queue: str
    runner: str | None
    disk: str | None

    @classmethod
    def of(cls, asked: Asked) -> "Lane":
        return cls(asked.lane, asked.owner, asked.queue, asked.runner, asked.disk)


@dataclass
class Turns:
    """How much a driver has given to each owner, and to each lane."""

    owners: dict[str, int] = field(default_factory=dict)
    lanes: dict[str, int] = field(default_factory=dict)

    def order(self, lanes: Collection[Lane]) -> list[Lane]:
        """Who was given least comes first; who is new counts as the least, and goes before."""
        newcomer, new_lane = min(self.owners.values(), default=0), min(self.lanes.values(), default=0)

        def turn(lane: Lane) -> tuple[object, ...]:
            owner = (self.owners.get(lane.owner, newcomer), lane.owner in self.owners, lane.owner)
            return (*owner, self.lanes.get(lane.key, new_lane), lane.key in self.lanes, lane.key)

        return sorted(lanes, key=turn)

    def gave(self, order: list[Lane], lanes: Iterable[str], *, enough: bool) -> None:
        """So many jobs, by their lanes; with `enough`, nobody looked beyond the last lane that gave one."""
        given = Counter(lanes)
        if not given:
            return
        last = max(place for place, lane in enumerate(order) if lane.key in given)
        seen = order[: last + 1] if enough else order
        owners = Counter[str]({lane.owner: 0 for lane in seen})
        for lane in seen:
            owners[lane.owner] += given[lane.key]
        _count(self.owners, owners)
        _count(self.lanes, Counter({lane.key: given[lane.key] for lane in seen}))


def _count(totals: dict[str, int], given: Counter[str]) -> None:
    """Add it up. Who was looked at in vain saves nothing up."""
    least = min(totals.values(), default=0)
    for name, many in given.items():
        totals[name] = totals.get(name, least) + many
    busy = [total for name, total in totals.items() if given.get(name, 1)]
    for name, many in given.items():
        if not many:
            totals[name] = max(totals[name], min(busy, default=least))


@dataclass
class Place:
    """A runner."""

    name: str
    id: str
    slots: int
    disk: str | None = None
    closed: bool = False
    driver: str = ""
    epoch: int = 0
    until: float = 0.0
    turns: defaultdict[str, Turns] = field(default_factory=lambda: defaultdict(Turns))

    def copy(self) -> "Place":
        turns = {driver: Turns(dict(each.owners), dict(each.lanes)) for driver, each in self.turns.items()}
        return replace(self, turns=defaultdict(Turns, turns))

    def takes(self, lane: Lane) -> bool:
        return lane.runner in {None, self.name} and lane.disk in {None, self.disk}

    def adopted_by(self, driver: str, now: float) -> None:
        if self.driver not in {"", driver} and self.until > now:
            raise Refused("runner-driven-elsewhere")
        self.driver, self.epoch, self.until = driver, self.epoch + 1, now + LEASE

    def renewed(self, epoch: int, now: float) -> None:
        self.driven_under(epoch)
        self.until = now + LEASE

    def driven_under(self, epoch: int) -> None:
        if not self.driver or epoch != self.epoch:
            raise Refused("driver-lost")

    def forget(self, driver: str) -> None:
        """A driver that begins anew has given nobody anything."""
        self.turns.pop(driver, None)
