"""The tick: sweeps once a second, elected by nobody and safe in any number."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread

import structlog

from ...application.audit.forget_audit import ForgetAuditCommand
from ...application.jobs.forget_keys import ForgetKeysCommand
from ...application.jobs.forget_leftovers import ForgetLeftoversCommand
from ...application.jobs.purge_jobs import Purged, PurgeJobsCommand
from ...application.jobs.sweep_jobs import SweepJobsCommand
from ...application.jobs.sweep_leases import SweepLeasesCommand
from ...application.ports.calling import UseCase
from ...application.runners.forget_runner_events import ForgetRunnerEventsCommand
from ...application.runners.look_after_runners import LookAfterRunnersCommand
from ...domain.errors import RunyardError

_SECONDS = 1.0
_MINUTE = 60
_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeps:
    """What is looked at each second."""

    jobs: UseCase[SweepJobsCommand, int]
    leases: UseCase[SweepLeasesCommand, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning:
    """What is not needed any more: looked at each minute, but for what can wait: leftovers, the trail, events."""

    keys: UseCase[ForgetKeysCommand, int]
    purge: UseCase[PurgeJobsCommand, Purged]
    leftovers: UseCase[ForgetLeftoversCommand, bool]
    audit: UseCase[ForgetAuditCommand, int]
    events: UseCase[ForgetRunnerEventsCommand, int]
    tidy: Callable[[], None]


class Ticker:
    """A thread that sweeps jobs and leases and looks after runners each second; each minute it forgets old keys,
    removes what was kept long enough, and lets the store tidy up; each hour it forgets lanes and concurrency keys that
    no unfinished job needs, and what the audit trail and the events of runners have kept long enough.

    What fails is told and tried again at the next tick, and hinders nothing else.
    """

    def __init__(
        self,
        sweeps: Sweeps,
        look_after_runners: UseCase[LookAfterRunnersCommand, int],
        cleaning: Cleaning,
        *,
        seconds: float = _SECONDS,
    ) -> None:
        self._sweeps = sweeps
        self._look_after_runners = look_after_runners
        self._cleaning = cleaning
        self._seconds = seconds
        self._log = structlog.get_logger()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="ticker", daemon=True)

    def start(self) -> None:
        """Start ticking."""
        self._thread.start()

    def stop(self) -> None:
        """Tick no more."""
        self._stopping.set()
        self._thread.join(_SECONDS)

    def _run(self) -> None:
        ticks = 0
        while not self._stopping.wait(self._seconds):
            ticks += 1
            for step in self._steps(ticks):
                try:
                    step()
                except RunyardError as refusal:  # the others would be told the same
                    self._log.warning("a sweep was interrupted", why=str(refusal))
                    break
                except Exception:  # noqa: BLE001 - the next tick tries again
                    self._log.exception("a sweep failed")
                if self._stopping.is_set():
                    break

    def _steps(self, ticks: int) -> Iterator[Callable[[], object]]:
        yield from (self._sweep_jobs, self._sweep_leases)
        yield partial(self._look_after_runners.execute, LookAfterRunnersCommand())
        if ticks % _MINUTE == 0:
            yield from (self._forget_keys, self._purge_jobs, self._cleaning.tidy)
        if ticks % _HOUR == 0:
            yield from (self._forget_leftovers, self._forget_audit, self._forget_events)

    def _sweep_jobs(self) -> None:
        command = SweepJobsCommand()
        while self._sweeps.jobs.execute(command) >= command.most and not self._stopping.is_set():
            pass

    def _sweep_leases(self) -> None:
        command = SweepLeasesCommand()
        while self._sweeps.leases.execute(command) >= command.most and not self._stopping.is_set():
            pass

    def _forget_keys(self) -> None:
        command = ForgetKeysCommand()
        while self._cleaning.keys.execute(command) >= command.most and not self._stopping.is_set():
            pass

    def _forget_leftovers(self) -> None:
        while self._cleaning.leftovers.execute(ForgetLeftoversCommand()) and not self._stopping.is_set():
            pass

    def _purge_jobs(self) -> None:
        while self._cleaning.purge.execute(PurgeJobsCommand()).more and not self._stopping.is_set():
            pass

    def _forget_events(self) -> None:
        command = ForgetRunnerEventsCommand()
        while self._cleaning.events.execute(command) >= command.most and not self._stopping.is_set():
            pass

    def _forget_audit(self) -> None:
        command = ForgetAuditCommand()
        while self._cleaning.audit.execute(command) >= command.most and not self._stopping.is_set():
            pass
