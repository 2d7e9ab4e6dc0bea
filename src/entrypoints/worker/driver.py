"""The driver: a thread that drives one runner for as long as it may."""

from threading import Event, Thread

import structlog

from ...application.jobs.drive import Drive
from ...application.jobs.execute_jobs import BATCH, ExecuteJobsCommand, Turn
from ...application.ports.calling import UseCase
from ...application.ports.executor import Host
from ...application.ports.rings import READY, Rings, about_runner
from ...application.ports.system import Clock
from ...application.runners.adopt_runner import Adopted, AdoptRunnerCommand
from ...application.runners.renew_driver import RenewDriverCommand
from ...domain.errors import RunyardError
from ...domain.runners.errors import DriverLost, RunnerDrivenElsewhere
from ...domain.runners.ids import DriverId, RunnerId
from ...domain.runners.runner import HEARTBEAT_SECONDS, Runner

_CLAIM_SECONDS = 1.0
"""A lost ring costs no more than this."""
_LOOK_SECONDS = 5.0
_PATIENCE = (0.05, 5.0)
"""The first and the longest wait after a failure, in seconds."""


class Driver:
    """Takes a runner over and takes turn after turn; begins again after whatever goes wrong."""

    def __init__(
        self,
        adopt: UseCase[AdoptRunnerCommand, Adopted],
        renew: UseCase[RenewDriverCommand, Runner],
        execute: UseCase[ExecuteJobsCommand, Turn],
        host: Host,
        rings: Rings,
        clock: Clock,
    ) -> None:
        self._adopt, self._renew, self._execute = adopt, renew, execute
        self._host, self._rings, self._clock = host, rings, clock
        self._log = structlog.get_logger()
        self._stopping, self._ready, self._asked = Event(), Event(), Event()
        self._thread: Thread | None = None
        self._wait = _PATIENCE[0]

    def start(self, runner_id: RunnerId, driver_id: DriverId) -> None:
        """Start driving in a thread of its own."""
        self._thread = Thread(target=self._run, args=(runner_id, driver_id), name="driver", daemon=True)
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Claim nothing more and let go; what runs goes on without a driver."""
        self._stopping.set()
        self._host.wake()
        if self._thread:
            self._thread.join(timeout)

    def _run(self, runner_id: RunnerId, driver_id: DriverId) -> None:
        deaf = [
            self._rings.listen(READY, lambda: self._ring(self._ready)),
            self._rings.listen(about_runner(runner_id), lambda: self._ring(self._asked)),
        ]
        while not self._stopping.is_set():
            try:
                self._drive(runner_id, driver_id)
            except (DriverLost, RunnerDrivenElsewhere) as refusal:
                self._log.warning("not the driver", why=str(refusal))
                self._stopping.wait(_PATIENCE[1])
            except RunyardError as refusal:
                self._log.warning("driving was interrupted", why=str(refusal), code=refusal.code)
                self._back_off()
            except Exception:  # noqa: BLE001 - whatever it was, the next takeover begins from the books
                self._log.exception("driving failed")
                self._back_off()
        for stop_listening in deaf:
            stop_listening()
        self._host.close()

    def _drive(self, runner_id: RunnerId, driver_id: DriverId) -> None:
        self._host.close()
        adopted = self._adopt.execute(AdoptRunnerCommand(runner_id=runner_id, driver_id=driver_id))
        lease = adopted.runner.driver
        if lease is None:
            return
        drive = Drive(adopted.runner, lease.epoch)
        renew_at = self._clock.elapsed() + HEARTBEAT_SECONDS
        look_at = claim_at = 0.0
        while not self._stopping.is_set():
            now = self._clock.elapsed()
            if now >= renew_at:
                self._renew.execute(RenewDriverCommand(runner_id=runner_id, epoch=drive.epoch))
                renew_at = now + HEARTBEAT_SECONDS
            look, claim = self._heard(self._asked) or now >= look_at, self._heard(self._ready) or now >= claim_at
            timeout = max(0.0, min(renew_at, look_at or now + _LOOK_SECONDS, now + _CLAIM_SECONDS) - now)
            turn = self._execute.execute(ExecuteJobsCommand(drive=drive, claim=claim, look=look, timeout=timeout))
            if look:
                look_at = now + _LOOK_SECONDS
            if claim:
                claim_at = now + _CLAIM_SECONDS
            if turn.ended or turn.started >= BATCH:
                claim_at = 0.0
            self._wait = _PATIENCE[0]

    def _ring(self, bell: Event) -> None:
        bell.set()
        self._host.wake()

    @staticmethod
    def _heard(bell: Event) -> bool:
        rung = bell.is_set()
        bell.clear()
        return rung

    def _back_off(self) -> None:
        self._stopping.wait(self._wait)
        self._wait = min(self._wait * 2, _PATIENCE[1])
