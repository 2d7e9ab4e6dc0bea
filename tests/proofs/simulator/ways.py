"""A worker's ways to the rest of the world, each of which may fail."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

from runyard.adapters.memory.executor import MemoryExecutor
from runyard.adapters.memory.host import MemoryHost
from runyard.adapters.memory.rings import MemoryRings
from runyard.application.ports.executor import (
    AttemptSignal,
    Event,
    Hello,
    HostUnreachable,
    Receipt,
    Resume,
    StartOrder,
)
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.jobs.ids import AttemptRef
from tests.contracts.stores import Read, Work

from .weather import Killed

if TYPE_CHECKING:
    from .worker import Worker
    from .world import World

T = TypeVar("T")


class WayToStore:
    """Transactions of one worker: refused, cut off, durable without an answer, or the last thing it did."""

    def __init__(self, world: "World", worker: "Worker") -> None:
        self._world, self._worker = world, worker

    @contextmanager
    def begin(self) -> Iterator[Any]:
        self._reach()
        with self._world.store.begin() as work:
            yield _Watched(work, self)
        self._world.moment(self._worker, "after a transaction")

    @contextmanager
    def read(self) -> Iterator[Read]:
        self._reach()
        with self._world.store.read() as reading:
            yield reading

    def commit(self, work: Work) -> None:
        world, weather = self._world, self._world.weather
        if world.happens(weather.commit_failed):
            raise StoreUnavailable("cut off before the commit")
        if world.happens(weather.kill):
            raise Killed("before a commit")
        work.commit()
        world.committed()
        if world.happens(weather.kill):
            raise Killed("after a commit")
        if world.happens(weather.swallowed):
            raise StoreUnavailable("cut off after the commit")

    def _reach(self) -> None:
        self._world.moment(self._worker, "before a transaction")
        if self._world.database_away:
            raise StoreUnavailable("the database is away")


class _Watched:
    def __init__(self, work: Work, way: WayToStore) -> None:
        self._work, self._way = work, way

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)

    def commit(self) -> None:
        self._way.commit(self._work)


class WayToHost:
    """One worker's connection to one host. Waiting is left to who steps the driver: `patience` says how long."""

    def __init__(self, world: "World", worker: "Worker", host: MemoryHost) -> None:
        self._world, self._worker, self._host = world, worker, host
        self._line = MemoryExecutor(host)
        self.patience = 0.0
        self.woken: Callable[[], None] = lambda: None

    def hello(self) -> Hello:
        return self._call("hello", self._line.hello)

    def start(self, hello: Hello, orders: Sequence[StartOrder]) -> None:
        if orders and self._world.happens(self._world.weather.start_doubled):
            late = self._world.dice.uniform(0, 90)
            self._world.at(late, lambda: self._arrives_late(hello, orders))
        self._call("start", lambda: self._line.start(hello, orders))

    def signal(self, signals: Sequence[AttemptSignal]) -> None:
        ordered = sorted(signals, key=lambda signal: signal.ref)
        self._call("signal", lambda: self._line.signal(ordered))

    def held(self) -> frozenset[AttemptRef]:
        return self._call("held", self._line.held)

    def renew(self, hello: Hello, refs: Sequence[AttemptRef]) -> None:
        if refs and self._world.happens(self._world.weather.start_doubled):
            late = self._world.dice.uniform(0, 300)
            self._world.at(late, lambda: self._is_late(hello, refs))
        self._call("renew", lambda: self._line.renew(hello, refs))

    def resume(self, resumes: Sequence[Resume]) -> None:
        self._call("resume", lambda: self._line.resume(resumes))

    def events(self, timeout: float) -> list[Event]:
        events = self._call("events", lambda: self._line.events(0))
        due = self._host.next_at
        soon = inf if due == inf else max(0.0, due - self._host.boottime)
        self.patience = 0.0 if events else min(timeout, soon)
        return events

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        ordered = sorted(receipts, key=lambda receipt: receipt.ref)
        self._call("acknowledge", lambda: self._line.acknowledge(ordered))

    def wake(self) -> None:
        self.woken()

    def close(self) -> None:
        self._line.close()

    def _call(self, name: str, act: Callable[[], T]) -> T:
        world, weather = self._world, self._world.weather
        world.moment(self._worker, f"before {name}")
        if world.is_cut(self._worker, self._host) or world.happens(weather.call_lost):
            self._line.close()
            raise HostUnreachable(f"{name} did not get there")
        answer = act()
        world.started(self._host)
        world.moment(self._worker, f"after {name}")
        if world.happens(weather.answer_lost):
            self._line.close()
            raise HostUnreachable(f"{name} was not answered")
        return answer

    def _is_late(self, hello: Hello, refs: Sequence[AttemptRef]) -> None:
        """The same with a renewal."""
        if self._host.reachable:
            self._host.renew(hello, refs)

    def _arrives_late(self, hello: Hello, orders: Sequence[StartOrder]) -> None:
        """The network delivers a start once more, whatever became of its sender."""
        if self._host.reachable:
            for order in orders:
                self._host.start(hello, order)
            self._world.started(self._host)


class WayOfRings(MemoryRings):
    """Rings that are lost, or come late and then twice."""

    def __init__(self, world: "World", rings: MemoryRings) -> None:
        super().__init__()
        self._world, self._rings = world, rings

    def ring(self, topics: set[str]) -> None:
        for topic in sorted(topics):
            if self._world.happens(self._world.weather.ring_lost):
                continue
            if self._world.happens(self._world.weather.ring_late):
                self._world.at(self._world.dice.uniform(0, 3600), partial(self._rings.ring, {topic}))
            self._rings.ring({topic})

    def listen(self, topic: str, heard: Callable[[], None]) -> Callable[[], None]:
        return self._rings.listen(topic, heard)
