"""Run seeds: `python -m tests.proofs.simulator.simulate [FIRST [LAST]]`, or for so many seconds from a test."""

import logging
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from tests.proofs.invariants import Broken

from .weather import ALONE, AROUND_STARTS, BAD, EMPTY_LINES, Weather
from .world import World

WEATHERS = {"bad": BAD, "around starts": AROUND_STARTS, "no rings": EMPTY_LINES, "alone": ALONE}
SECONDS = 3600.0


@dataclass(frozen=True)
class Told:
    """What a number of seeds came to."""

    total: Counter[str]
    took: float

    @property
    def hours(self) -> float:
        return self.total["seconds"] / 3600

    def __str__(self) -> str:
        counts = ", ".join(f"{self.total[name]} {name}" for name in ("histories", "jobs", "attempts", "lost", "broken"))
        times = self.total["seconds"] / max(self.took, 0.001)
        return f"simulated {self.hours:.1f} virtual hours in {self.took:.0f} s ({times:.0f} times real time): {counts}"


@contextmanager
def silence() -> Iterator[None]:
    """Thousands of warnings are meant to be there; an unexpected error is not."""
    kept = structlog.get_config()
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"), processors=[_unexpected])
    try:
        yield
    finally:
        structlog.configure(**kept)
        logging.disable(logging.NOTSET)


def _unexpected(_logger: object, _name: str, event: MutableMapping[str, Any]) -> str:
    raise Broken(f"{event['event']}: {sys.exc_info()[1]!r}") from sys.exc_info()[1]


def history(seed: int, weather: Weather, seconds: float = SECONDS) -> World:
    """The world after its end, or `Broken`."""
    world = World(seed, weather)
    with silence():
        world.run(seconds)
    return world


def histories(seeds: Iterable[int], weather: Weather, seconds: float) -> None:
    """Several, until one is `Broken`."""
    for seed in seeds:
        history(seed, weather, seconds)


def simulate(seeds: Iterable[int], *, until: float = float("inf")) -> Told:
    """Histories of these seeds, in every weather, until the time is up."""
    with silence():
        return _simulated(seeds, until)


def _simulated(seeds: Iterable[int], until: float) -> Told:
    total: Counter[str] = Counter()
    began = time.monotonic()
    for seed in seeds:
        for name, weather in WEATHERS.items():
            if time.monotonic() - began > until:
                return Told(total, time.monotonic() - began)
            world = World(seed, weather)
            try:
                world.run(SECONDS)
            except Broken as broken:
                print(f"seed {seed}, {name}: {broken}", flush=True)
                total["broken"] += 1
            state = world.store._published
            total += Counter(
                histories=1,
                seconds=int(world.now),
                jobs=len(state.jobs),
                attempts=len(state.attempts),
                lost=sum(job.crashes for job in state.jobs.values()),
            )
    return Told(total, time.monotonic() - began)


def main(first: int = 0, last: int = 99) -> int:
    told = simulate(range(first, last + 1))
    print(told)
    return int(told.total["broken"] > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
