"""Faults by chance, from a seed: everything a bad month may bring, within a thousand seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from runyard.domain.jobs.limits import OnLost

from .database import Away
from .rules import Rules
from .world import World


@dataclass(frozen=True)
class Mix:
    """How often a fault begins, per second and place; 0 is never."""

    stop: float = 0.004
    kill: float = 0.002
    cut: float = 0.003
    away: float = 0.002
    unanswered: float = 0.01
    reboot: float = 0.001
    supervisor: float = 0.001
    freeze: float = 0.001
    cancel: float = 0.004
    drop: float = 0.03
    double: float = 0.05
    delay: float = 0.03


EVERYTHING = Mix()
AROUND_STARTS = Mix(stop=0.03, kill=0.01, cut=0.002, reboot=0, supervisor=0, freeze=0, delay=0.15, double=0.2)
"""Drivers are stopped all the time and messages come late: most starts are adopted or voided."""


class Chaos:
    """Runs a world through its faults, then lets it come to its end."""

    def __init__(self, *kinds: str, seed: int, rules: Rules | None = None, mix: Mix = EVERYTHING) -> None:
        self.random = Random(seed)  # noqa: S311 - repeated by its seed
        self.world = World(*kinds, rules=rules or Rules(), seed=seed)
        self.mix = mix
        self._later: list[tuple[float, Callable[[], None]]] = []
        network = self.world.network
        network.drop, network.double, network.delay = mix.drop, mix.double, mix.delay

    def run(self, seconds: int = 800) -> World:
        for _ in range(seconds):
            self._users()
            self._faults()
            self.world.tick()
        for _, undo in self._later:
            undo()
        self.world.end()
        return self.world

    def _users(self) -> None:
        world = self.world
        try:
            if self._happens(0.02):
                lost = self.random.choice(list(OnLost))
                tries, duration = self.random.randint(1, 3), self.random.randint(1, 60)
                world.submit(duration, self.random.choice((0, 0, 1)), on_lost=lost, tries=tries)
            if world.work and self._happens(self.mix.cancel):
                world.cancel(self.random.choice(list(world.work)))
        except Away:
            pass

    def _faults(self) -> None:
        world, mix = self.world, self.mix
        for due, undo in [pair for pair in self._later if pair[0] <= world.now]:
            self._later.remove((due, undo))
            undo()
        self._at_drivers()
        self._at_hosts()
        if self._happens(mix.away):
            world.database.away = True
            self._undo(60, partial(setattr, world.database, "away", False))

    def _at_drivers(self) -> None:
        world, mix = self.world, self.mix
        for name in world.drivers:
            if self._happens(mix.stop):
                world.stop(name)
                self._undo(90, partial(world.go_on, name))
            if self._happens(mix.kill):
                world.kill(name)
                self._undo(40, partial(world.restart, name))
            if self._happens(mix.unanswered):
                world.database.unanswered.add(name)

    def _at_hosts(self) -> None:
        world, mix = self.world, self.mix
        for name, host in world.hosts.items():
            self._trouble_at(name)
            if self._happens(mix.reboot):
                host.reboot()
            if self._happens(mix.supervisor):
                host.supervised = False
            if self._happens(mix.freeze):
                host.frozen = True
                self._undo(120, partial(setattr, host, "frozen", False))

    def _trouble_at(self, host: str) -> None:
        if not self._happens(self.mix.cut) or host.startswith("local"):
            return
        for driver in self.random.sample(list(self.world.drivers), k=self.random.randint(1, 2)):
            self.world.cut(host, driver)
            self._undo(400, partial(self.world.network.cuts.discard, frozenset((driver, host))))

    def _happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def _undo(self, most: int, undo: Callable[[], None]) -> None:
        self._later.append((self.world.now + self.random.randint(1, most), undo))
