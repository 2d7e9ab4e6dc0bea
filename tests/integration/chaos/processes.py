"""Processes that are started again whenever they have died, as a service manager would."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Generic, Protocol, TypeVar

from tests.integration.server import processes_with

_PATIENCE = 90.0
_LIFE = (0.3, 4.0)
_USUAL_START = 2.0
"""Seconds; on a machine that takes longer everything lives longer, so that as much gets done between two blows."""


class Startable(Protocol):
    """What can be started, killed, and started again."""

    def start(self) -> None:
        """Start it and wait until it works; fails if it does not."""

    def kill(self) -> None:
        """Kill -9."""


P = TypeVar("P", bound=Startable)


class Kept(Generic[P]):
    """One process, hit by one blow at a time. `steady_since`: since when nothing has happened to it."""

    def __init__(self, process: P) -> None:
        self.process = process
        self.lock = Lock()
        self.steady_since: float | None = time.monotonic()
        self._slowness = 1.0

    def live(self, dice: random.Random) -> None:
        """Let it do something before it is struck again, as long as chance says."""
        if self.steady_since is not None:
            life = dice.uniform(*_LIFE) * self._slowness
            time.sleep(max(0.0, self.steady_since + life - time.monotonic()))

    def kill(self) -> None:
        """It is gone when this returns."""
        self.steady_since = None
        self.process.kill()

    def again(self) -> None:
        """Start it until it works: what it needs may be away as well."""
        end = time.monotonic() + _PATIENCE
        while True:
            begun = time.monotonic()
            try:
                self.process.start()
            except AssertionError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)
            else:
                self.steady_since = time.monotonic()
                self._slowness = max(1.0, (self.steady_since - begun) / _USUAL_START)
                return


@contextmanager
def one_of(candidates: Sequence[Kept[P]], dice: random.Random) -> Iterator[Kept[P]]:
    """One that nobody else is hitting, for oneself."""
    while True:
        for kept in dice.sample(candidates, len(candidates)):
            if kept.lock.acquire(blocking=False):
                try:
                    kept.live(dice)
                    yield kept
                finally:
                    kept.lock.release()
                return
        time.sleep(0.05)


def supervisor_of(directory: Path) -> int | None:
    """The pid of the supervisor that lives there."""
    return _found(directory, lambda told: b"\0serve\0" in told)


def guard_of(directory: Path) -> int | None:
    """The pid of its guard."""
    return _found(directory, lambda told: b"\0guard\0" in told)


def send(pid: int | None, number: signal.Signals) -> bool:
    """Whether there was somebody to signal."""
    if pid is None:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _found(directory: Path, wanted: Callable[[bytes], bool]) -> int | None:
    for pid in processes_with(str(directory)):
        with suppress(OSError):
            told = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"supd-" in told and wanted(told):
                return pid
    return None
