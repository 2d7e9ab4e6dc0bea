"""The fleet: every runner that is reached by ssh is driven by one of those who could."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import inf
from threading import Event, Thread
from typing import Final

import structlog

from ...application.ports.system import Clock
from ...application.ports.work import Begin, Reading
from ...domain.errors import RunyardError
from ...domain.jobs.job import Job
from ...domain.runners.ids import DriverId, RunnerId
from ...domain.runners.runner import Runner, RunnerKind
from ...domain.runners.ssh import SshTarget
from .driver import Driver

_LOOK_SECONDS: Final = 1.0
_PATIENCE: Final = (0.5, 30.0)
"""The waits after failures of a host double from the first to the second; each is cut short by chance, so that what
broke off together does not come back together."""
_LASTING: Final = (60.0, 120.0)
"""The wait where trying again cannot help, and too many logins that fail may lock us out."""
_OF_A_LEASE: Final = 0.25
"""While attempts with a lease live there, no wait is longer than this part of what is left of the shortest."""
_LEAST_SECONDS: Final = 1.0
_STAYED_SECONDS: Final = 30.0
_LEAVE_SECONDS: Final = 2.0


@dataclass(slots=True)
class _Held:
    """A runner that this process drives, or tried to: a host that fails is left alone until `again`."""

    target: SshTarget | None
    driver: Driver
    since: float
    failures: int = 0
    again: float | None = None


class Fleet:
    """Looks once a second: drives what nobody drives, leaves what was removed or moved. No host waits for another."""

    def __init__(
        self, read: Begin[Reading], drivers: Callable[[Runner], Driver], driver_id: DriverId, clock: Clock
    ) -> None:
        self._read, self._drivers, self._driver_id, self._clock = read, drivers, driver_id, clock
        self._held: dict[RunnerId, _Held] = {}
        self._log = structlog.get_logger()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="fleet", daemon=True)

    def start(self) -> None:
        """Start looking."""
        self._thread.start()

    def stop(self) -> None:
        """Let go of every host; what runs there goes on."""
        self._stopping.set()
        self._thread.join(_LEAVE_SECONDS)
        drivers = [held.driver for held in self._held.values()]
        for driver in drivers:
            driver.stop(timeout=0)
        until = self._clock.elapsed() + _LEAVE_SECONDS
        for driver in drivers:
            driver.stop(timeout=max(0.0, until - self._clock.elapsed()))

    def look(self) -> None:
        """One look at who drives what."""
        with self._read() as reading:
            now = reading.now()
            records = reading.runners.all(kind=RunnerKind.SSH)
            runners = {each.runner.id: each.runner for each in records}
            failed = [each.runner.id for each in records if each.busy and self._has_failed(each.runner.id)]
            left = {each: _shortest(reading.jobs.live_on(each), now) for each in failed}
        for runner_id, held in list(self._held.items()):
            runner = runners.get(runner_id)
            if runner is None or runner.ssh != held.target:
                held.driver.stop(timeout=0)
                if held.driver.left:
                    del self._held[runner_id]
        for runner in runners.values():
            if not runner.online(now) or (runner.driver and runner.driver.driver_id == self._driver_id):
                self._drive(runner, left.get(runner.id, inf))

    def _has_failed(self, runner_id: RunnerId) -> bool:
        held = self._held.get(runner_id)
        return held is not None and held.driver.left and held.again is None

    def _drive(self, runner: Runner, left: float) -> None:
        held, now = self._held.get(runner.id), self._clock.elapsed()
        if held is None:
            self._begin(runner, now, failures=0)
        elif held.driver.left:
            if held.again is None:
                trouble = held.driver.trouble
                stayed = now - held.since > _STAYED_SECONDS
                held.failures = 0 if stayed or trouble is None else held.failures + 1
                wait = _wait(held.failures, lasts=trouble is not None and trouble.lasts)
                held.again = now + min(wait, max(_LEAST_SECONDS, left * _OF_A_LEASE))
            elif runner.trouble is None:
                held.again = now  # somebody has looked since, and found it well
            if now >= held.again:
                self._begin(runner, now, failures=held.failures)

    def _begin(self, runner: Runner, now: float, *, failures: int) -> None:
        driver = self._drivers(runner)
        self._held[runner.id] = _Held(runner.ssh, driver, now, failures)
        driver.start(runner.id, self._driver_id)

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            try:
                self.look()
            except RunyardError as refusal:
                self._log.warning("the fleet could not be looked at", why=str(refusal))
            except Exception:  # noqa: BLE001 - the next look tries again
                self._log.exception("looking at the fleet failed")


def _wait(failures: int, *, lasts: bool) -> float:
    if lasts:
        return random.uniform(*_LASTING)  # noqa: S311 - nobody guesses it
    first, most = _PATIENCE
    return random.uniform(0, min(most, first * 2**failures)) if failures else 0.0  # noqa: S311 - the same


def _shortest(live: Iterable[Job], now: datetime) -> float:
    """How many seconds the first of their leases lasts; for ever, if none of them has one."""
    ends = [job.current.lease_until for job in live if job.current.lease_until]
    return (min(ends) - now).total_seconds() if ends else inf
