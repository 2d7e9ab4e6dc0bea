"""Runners in the model, and whose turn it is."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from .asked import PROJECTS, Asked
from .entry import Refused

LEASE = 15.0


@dataclass(frozen=True)
class Lane:
    """Jobs that wait in one line. `key` is its name, and breaks ties."""

    key: str
    project: str
    owner: str
    queue: str
    runner: str | None
    disk: str | None

    @classmethod
    def of(cls, asked: Asked) -> "Lane":
        return cls(asked.lane, asked.project, asked.owner, asked.queue, asked.runner, asked.disk)

    @property
    def line(self) -> tuple[str, str]:
        """The queue, as one of its project."""
        return self.project, self.queue

    @property
    def person(self) -> str:
        """The owner, as one of its project."""
        return f"{self.project}/{self.owner}"


@dataclass
class Turns:
    """How much a driver has given to each project, to each owner in it, and to each lane."""

    projects: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    lanes: dict[str, int] = field(default_factory=dict)

    def copy(self) -> "Turns":
        return Turns(dict(self.projects), dict(self.people), dict(self.lanes))

    def order(self, lanes: Collection[Lane]) -> list[Lane]:
        """Who was given least comes first; who is new counts as the least, and goes before."""
        shares = (self.projects, self.people, self.lanes)
        newcomers = [min(given.values(), default=0) for given in shares]

        def turn(lane: Lane) -> list[object]:
            names = (lane.project, lane.person, lane.key)
            return [
                (given.get(name, newcomer), name in given, name)
                for given, newcomer, name in zip(shares, newcomers, names, strict=True)
            ]

        return sorted(lanes, key=turn)

    def gave(self, order: list[Lane], lanes: Iterable[str], *, enough: bool) -> None:
        """So many jobs, by their lanes; with `enough`, nobody looked beyond the last lane that gave one."""
        given = Counter(lanes)
        if not given:
            return
        last = max(place for place, lane in enumerate(order) if lane.key in given)
        seen = order[: last + 1] if enough else order
        projects, people, lanes = Counter[str](), Counter[str](), Counter[str]()
        for lane in seen:
            projects[lane.project] += given[lane.key]
            people[lane.person] += given[lane.key]
            lanes[lane.key] += given[lane.key]
        _count(self.projects, projects)
        _count(self.people, people)
        _count(self.lanes, lanes)


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
    """A runner of the first project; `shared` with the others, too."""

    name: str
    id: str
    slots: int
    disk: str | None = None
    shared: bool = False
    closed: bool = False
    driver: str = ""
    epoch: int = 0
    until: float = 0.0
    turns: defaultdict[str, Turns] = field(default_factory=lambda: defaultdict(Turns))

    def copy(self) -> "Place":
        return replace(self, turns=defaultdict(Turns, {driver: each.copy() for driver, each in self.turns.items()}))

    def takes(self, lane: Lane) -> bool:
        reached = self.shared or lane.project == PROJECTS[0]
        return reached and lane.runner in {None, self.name} and lane.disk in {None, self.disk}

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
