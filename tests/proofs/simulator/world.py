"""Everything there is, and the order in which it happens. One seed, one history."""

import heapq
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from random import Random

from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.memory.host import MemoryHost
from runyard.adapters.memory.rings import MemoryRings
from runyard.adapters.memory.store import MemoryStore
from runyard.application.accounts.create_project import CreateProject, CreateProjectCommand
from runyard.application.runners.edit_runner import EditRunnerCommand
from runyard.application.runners.register_runner import RegisterRunnerCommand
from runyard.domain.jobs.leases import LeaseTerms
from runyard.domain.runners.ids import RunnerId
from runyard.domain.runners.runner import RunnerKind
from tests.proofs.invariants import Broken
from tests.proofs.stores import Numbered
from tests.unit.application.yard import UseCases

from .callers import Callers
from .judge import Judge
from .load import FAST, PROJECTS, program
from .weather import BAD, CALM, Killed, Weather
from .worker import Worker

DEEPEST = 3
PATIENCE = 2 * 3600


class World:
    """Two workers, two runners, one database, and callers who insist."""

    def __init__(self, seed: int, weather: Weather = BAD) -> None:
        self.dice, self.weather = Random(seed), weather  # noqa: S311 - a seed must give the same history again
        self.clock, self.identifiers, self.rings = ManualClock(), Numbered(), MemoryRings()
        self.store = MemoryStore(self.clock.now)
        self.judge = Judge(self.clock.now)
        self.database_away = False
        self.history: list[str] = []
        self._events: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers, self._depth = count(), 0
        self._cuts: set[tuple[str, int]] = set()
        self._dead: set[MemoryHost] = set()
        self.terms = LeaseTerms(setting=weather.lease)
        cases = UseCases(self.store, self.clock, self.identifiers)
        CreateProject(self.store.begin).execute(CreateProjectCommand(name=PROJECTS[-1]))
        self.hosts: dict[RunnerId, MemoryHost] = {}
        for name, labels in (("one", {}), ("two", FAST)):
            command = RegisterRunnerCommand(name=name, kind=RunnerKind.LOCAL, slots=2)
            runner = cases.register_runner.execute(command)
            cases.edit_runner.execute(EditRunnerCommand(runner=name, labels=labels, shared_with=PROJECTS[-1:]))
            self.hosts[runner.id] = MemoryHost(program, self.clock)
        self.callers = Callers(self)
        self.workers = [Worker(self, name) for name in ("worker-1", "worker-2")]
        for worker in self.workers:
            worker.begin()

    @property
    def now(self) -> float:
        return self.clock.elapsed()

    @property
    def digest(self) -> str:
        return sha256("\n".join(self.history).encode()).hexdigest()

    def run(self, seconds: float) -> None:
        """So long with callers and faults; then all faults end, and everything must come to its end."""
        self.at(0, self._somebody_calls)
        self.at(self.dice.uniform(0, self.weather.trouble_each), self._trouble)
        self.pass_time(seconds)
        self.weather, self.database_away = CALM, False
        self._cuts.clear()
        self._dead.clear()
        for host in self.hosts.values():
            host.reachable = True
        until = self.now + PATIENCE
        while self.now < until and not self._quiet():
            self.pass_time(10)
        self.judge.ended()
        if not self._quiet():
            raise Broken(f"a host keeps {[sorted(host.held()) for host in self.hosts.values()]}")

    def pass_time(self, seconds: float) -> None:
        """Let happen what is due, in its order."""
        until = self.now + seconds
        while self._events and self._events[0][0] <= until:
            due, _, act = heapq.heappop(self._events)
            self.clock.advance(max(0.0, due - self.now))
            act()
        self.clock.advance(max(0.0, until - self.now))

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._numbers), act))

    def happens(self, chance: float) -> bool:
        return chance > 0 and self.dice.random() < chance

    def tell(self, what: str) -> None:
        self.history.append(f"{self.now:.3f} {what}")

    def moment(self, worker: Worker, place: str) -> None:
        """The worker is here, outside of any transaction: it may die, or be stopped while the world goes on."""
        if self.happens(self.weather.kill):
            raise Killed(place)
        if self._depth < DEEPEST and self.happens(self.weather.pause):
            seconds, life = self.dice.uniform(0.5, self.weather.longest_pause), worker.life
            self.tell(f"{worker.name} stops {place} for {seconds:.1f} s")
            worker.paused, self._depth = True, self._depth + 1
            self.pass_time(seconds)
            worker.paused, self._depth = False, self._depth - 1
            if worker.life != life:
                raise Killed("while it was stopped")

    def adoption_after_a_death(self) -> float:
        """Kill the driver of a runner for good; the seconds until another one has adopted it."""
        runner_id, began = next(iter(self.hosts)), self.now
        lease = self.store._published.runners[runner_id].driver
        assert lease is not None
        (dead,) = (worker for worker in self.workers if worker.name == lease.driver_id)
        dead.alive, dead.life = False, dead.life + 1
        while (now := self.store._published.runners[runner_id].driver) and now.epoch == lease.epoch:
            self.pass_time(0.1)
            assert self.now < began + 60, "nobody adopted it"
        return self.now - began

    def committed(self) -> None:
        state = self.store._published
        self.judge.committed(state)
        self.tell(f"commit {sum(job.version for job in state.jobs.values())}")

    def started(self, host: MemoryHost) -> None:
        for ref in self.judge.started(host, list(self.hosts.values())):
            self.tell(f"{ref} starts")

    def is_cut(self, worker: Worker, host: MemoryHost) -> bool:
        return (worker.name, list(self.hosts.values()).index(host)) in self._cuts

    def _quiet(self) -> bool:
        state = self.store._published
        return all(job.finished for job in state.jobs.values()) and not any(host.held() for host in self.hosts.values())

    def _somebody_calls(self) -> None:
        if self.weather is CALM:
            return
        self.at(self.dice.expovariate(1 / self.weather.calls_each), self._somebody_calls)
        self.callers.call()

    def _returns(self, host: MemoryHost) -> None:
        host.reachable = host not in self._dead

    def _dies(self, host: MemoryHost) -> None:
        """With all that runs there; somebody repairs it much later."""
        host.reboot()
        host.reachable = False
        self._dead.add(host)

        def repaired() -> None:
            self._dead.discard(host)
            host.reachable = True

        self.at(self.weather.dead_for, repaired)

    def _trouble(self) -> None:
        if self.weather is CALM:
            return
        dice, host = self.dice, self.dice.choice(list(self.hosts.values()))
        worker, seconds = dice.choice(self.workers), dice.uniform(1, self.weather.longest_trouble)
        what = dice.choice(self.weather.troubles)
        self.tell(f"trouble: {what}, {worker.name}, {seconds:.1f} s")
        if what == "kill":
            worker.die("at once")
        elif what == "cut":
            cut = (worker.name, list(self.hosts.values()).index(host))
            self._cuts.add(cut)
            self.at(seconds, lambda: self._cuts.discard(cut))
        elif what == "host":
            host.reachable = False
            self.at(seconds, lambda: self._returns(host))
        elif what == "death":
            self._dies(host)
        elif what == "supervisor":
            host.lose_supervisor()
        elif what == "reboot":
            host.reboot()
        else:
            self.database_away = True
            self.at(seconds, lambda: setattr(self, "database_away", False))
        self.at(dice.expovariate(1 / self.weather.trouble_each), self._trouble)
