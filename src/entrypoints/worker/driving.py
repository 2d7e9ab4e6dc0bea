"""Driving a runner, step by step. Who takes the steps decides when: a thread of the service, or a virtual clock."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

import structlog

from ...application.jobs.drive import Drive
from ...application.jobs.execute_jobs import BATCH, ExecuteJobsCommand, Turn
from ...application.ports.calling import UseCase
from ...application.ports.executor import Host, HostUnreachable
from ...application.ports.rings import READY, Rings, about_runner
from ...application.ports.system import Clock
from ...application.runners.adopt_runner import Adopted, AdoptRunnerCommand, Pace
from ...application.runners.renew_driver import RenewDriverCommand
from ...domain.errors import RunyardError
from ...domain.runners.errors import DriverLost, RunnerDrivenElsewhere
from ...domain.runners.ids import DriverId, RunnerId
from ...domain.runners.runner import Runner

_CLAIM_SECONDS = 1.0
"""A lost ring costs no more than this."""
_LOOK_SECONDS = 5.0
_PATIENCE = (0.05, 5.0)
"""The first and the longest wait after a failure, in seconds."""
_REST = (1.0, 60.0)
"""The first and the longest rest of a host that gives starts back (its disk is full, say), in seconds."""
_GIVES_BACK = "it gives back what it is to start: most likely its disk is full"
_GIVE_UP_SECONDS = 20.0
"""A host that does not answer for so long is left to somebody who may reach it."""
_STANDBY_SECONDS = 0.5
"""How often a driver without a lease looks whether the one who has it is gone."""


@dataclass(slots=True)
class _Vain:
    """Whether it was in vain to claim the last time that somebody rang, and the last time that nobody did."""

    rings: bool = False
    asks: bool = False

    def learn(self, *, rung: bool, due: bool, found: bool) -> None:
        self.rings = not found if rung else self.rings
        self.asks = not found if due else self.asks


class Driving:
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
        self._ready, self._asked = Event(), Event()
        self._deaf: list[Callable[[], None]] = []
        self._drive: Drive | None = None
        self._lost: Drive | None = None
        self.trouble: HostUnreachable | None = None
        self._renew_at = self._look_at = self._claim_at = self._heartbeat = 0.0
        self._wait = _PATIENCE[0]
        self._rest = self._rested_at = 0.0
        self._refuses: str | None = None
        self._refused: str | None = None
        self._pace: Pace | None = None
        self._stands_by = False
        self._first = False
        self._vain = _Vain()
        self._silent_since: float | None = None

    def listen(self, runner_id: RunnerId) -> None:
        """Hear what rings for this runner, until the end."""
        self._deaf = [
            self._rings.listen(READY, lambda: self._ring(self._ready)),
            self._rings.listen(about_runner(runner_id), lambda: self._ring(self._asked)),
        ]

    def step(self, runner_id: RunnerId, driver_id: DriverId) -> float:
        """Take the runner over, or take a turn at driving it; how many seconds to wait before the next step."""
        try:
            if self._drive is None:
                self._take_over(runner_id, driver_id)
            else:
                self._turn(self._drive)
        except (DriverLost, RunnerDrivenElsewhere) as refusal:
            if not self._stands_by:
                self._log.warning("standing by", why=str(refusal))
            self._drive, self._lost, self._stands_by = None, None, True
            self._host.close()
            return _STANDBY_SECONDS
        except RunyardError as refusal:
            self._log.warning("driving was interrupted", why=str(refusal), code=refusal.code)
            if isinstance(refusal, HostUnreachable):
                self.trouble = refusal
                self._silent_since = self._clock.elapsed() if self._silent_since is None else self._silent_since
            return self._back_off()
        except Exception:  # noqa: BLE001 - whatever it was, the next takeover begins from the books
            self._log.exception("driving failed")
            return self._back_off()
        return 0.0

    def wake(self) -> None:
        """End a turn that waits for its host. Any thread may call it."""
        self._host.wake()

    def end(self) -> Drive | None:
        """Let go; what runs goes on without a driver. What was driven until now, if anything."""
        for stop_listening in self._deaf:
            stop_listening()
        self._host.close()
        return self._drive or self._lost

    @property
    def drives(self) -> bool:
        """Whether the last step left it in possession of the runner."""
        return self._drive is not None

    def gives_up(self) -> Drive | None:
        """What it drove until now, if its host was out of reach for so long that somebody else should try."""
        if self._silent_since is None or self._clock.elapsed() - self._silent_since < _GIVE_UP_SECONDS:
            return None
        given_up, self._drive, self._lost, self._silent_since = self._drive or self._lost, None, None, None
        return given_up

    def _take_over(self, runner_id: RunnerId, driver_id: DriverId) -> None:
        self._host.close()
        adopted = self._adopt.execute(AdoptRunnerCommand(runner_id=runner_id, driver_id=driver_id))
        runner = adopted.runner
        if runner.driver is not None:
            self._drive, self._lost = Drive(runner, runner.driver.epoch), None
        self._log.info("driving", runner=runner.name, adopted=adopted.attempts)
        self._stands_by = False
        self._heartbeat, self._pace = adopted.heartbeat_seconds, adopted.pace
        self._renew_at = self._clock.elapsed() + self._heartbeat
        self._look_at = self._claim_at = 0.0
        self._first = True

    def _turn(self, drive: Drive) -> None:
        now = self._clock.elapsed()
        if now >= self._renew_at or self._refuses != self._refused:
            command = RenewDriverCommand(runner_id=drive.runner.id, epoch=drive.epoch, refuses=self._refuses)
            self._renew.execute(command)
            self._renew_at, self._refused = now + self._heartbeat, command.refuses
        look = self._heard(self._asked) or now >= self._look_at
        rung, due, rested = self._heard(self._ready), now >= self._claim_at, now >= self._rested_at
        claim, perhaps = (rung or due) and rested, (self._vain.rings or not rung) and (self._vain.asks or not due)
        if look:
            self._look_at = now + self._look_seconds(drive)
        if claim:
            self._claim_at = now + (self._pace.claim if self._pace else _CLAIM_SECONDS)
        until = now if self._first else min(self._renew_at, self._look_at, max(self._claim_at, self._rested_at))
        turn = self._execute.execute(
            ExecuteJobsCommand(drive=drive, claim=claim, look=look, timeout=max(0.0, until - now), perhaps=perhaps)
        )
        if claim:
            self._vain.learn(rung=rung, due=due, found=turn.started > 0)
        if self._first:  # the host was reached, and a heartbeat tells so at once
            self._first, self._renew_at = False, now
        if turn.ended or turn.started >= BATCH:
            self._claim_at = 0.0
        if turn.started:
            self._look_at = min(self._look_at, now + self._look_seconds(drive))
        self._learn_rest(turn, now, claimed=claim)
        self._wait, self._silent_since = _PATIENCE[0], None

    def _learn_rest(self, turn: Turn, now: float, *, claimed: bool) -> None:
        """Whether the host starts what it is given, and how long it is left alone if it does not."""
        if turn.voided and not turn.began:
            self._rest = min(max(_REST[0], self._rest * 2), _REST[1])
            self._rested_at, self._refuses = now + self._rest, _GIVES_BACK
        elif turn.began:
            self._rest, self._refuses = 0.0, None
        elif claimed and not turn.started:
            self._refuses = None  # nothing is left that it could give back

    def _look_seconds(self, drive: Drive) -> float:
        if self._pace is None:
            return _LOOK_SECONDS
        return self._pace.look if drive.fences else self._pace.idle_look

    def _ring(self, bell: Event) -> None:
        bell.set()
        self._host.wake()

    @staticmethod
    def _heard(bell: Event) -> bool:
        rung = bell.is_set()
        bell.clear()
        return rung

    def _back_off(self) -> float:
        self._drive, self._lost = None, self._drive or self._lost
        wait, self._wait = self._wait, min(self._wait * 2, _PATIENCE[1])
        return wait
