"""A worker process: doors, drivers of all runners and a tick, as steps of a virtual clock."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from runyard.application.jobs.drive import Drive
from runyard.application.jobs.execute_jobs import ExecuteJobs
from runyard.application.runners.look_after_runners import LookAfterRunnersCommand
from runyard.application.runners.release_driver import ReleaseDriverCommand
from runyard.domain.errors import RunyardError
from runyard.domain.runners.ids import DriverId, RunnerId
from runyard.entrypoints.worker.driver import AWAY_SECONDS
from runyard.entrypoints.worker.driving import Driving
from tests.unit.application.yard import UseCases

from .ways import WayOfRings, WayToHost, WayToStore
from .weather import Killed

if TYPE_CHECKING:
    from .world import World

T = TypeVar("T")


class Worker:
    """Dies, is stopped for a while, comes back under the same name. What it knew is gone with it."""

    def __init__(self, world: "World", name: str) -> None:
        self.world, self.name = world, name
        self.alive = self.paused = False
        self.life = 0
        self._wakes: dict[RunnerId, int] = {}

    def begin(self) -> None:
        """A new process."""
        world = self.world
        self.alive, self.paused, self.life = True, False, self.life + 1
        rings = WayOfRings(world, world.rings)
        self.use_cases = UseCases(WayToStore(world, self), world.clock, world.identifiers, rings, world.terms)
        for runner_id, host in world.hosts.items():
            self._drive(runner_id, WayToHost(world, self, host), rings)
        self._later(world.dice.uniform(0, 1), self._tick)

    def die(self, how: str) -> None:
        """Everything it was about to do will not happen."""
        if self.alive:
            self.world.tell(f"{self.name} dies {how}")
            self.alive, self.life = False, self.life + 1
            self.world.at(self.world.dice.uniform(0.5, 60), self.begin)

    def does(self, act: Callable[[UseCases], T]) -> T | None:
        """What it answers; None if it dies of it."""
        try:
            return act(self.use_cases)
        except Killed as killed:
            self.die(str(killed))
            return None

    def _drive(self, runner_id: RunnerId, way: WayToHost, rings: WayOfRings) -> None:
        use_cases = self.use_cases
        execute = ExecuteJobs(way, use_cases.bookkeeping)
        driving = Driving(use_cases.adopt_runner, use_cases.renew_driver, execute, way, rings, self.world.clock)
        driving.listen(runner_id)
        self._wakes[runner_id] = 0

        def step(expected: int) -> None:
            if self._wakes[runner_id] != expected:
                return
            try:
                wait = driving.step(runner_id, DriverId(self.name))
                given_up = driving.gives_up()
                if given_up is not None:
                    wait = self._hand_over(given_up)
            except Killed as killed:
                self.die(str(killed))
            else:
                schedule(max(wait, way.patience))

        def schedule(seconds: float) -> None:
            self._wakes[runner_id] += 1
            expected = self._wakes[runner_id]
            self._later(seconds + self.world.dice.uniform(0.001, 0.02), lambda: step(expected))

        way.woken = lambda: schedule(0.0)
        schedule(self.world.dice.uniform(0, 1))

    def _hand_over(self, drive: Drive) -> float:
        command = ReleaseDriverCommand(runner_id=drive.runner.id, epoch=drive.epoch)
        with suppress(RunyardError):
            self.use_cases.release_driver.execute(command)
        return AWAY_SECONDS

    def _tick(self) -> None:
        try:
            self.does(_swept)
        except RunyardError as refusal:
            self.world.tell(f"{self.name} could not sweep: {refusal.code}")
        self._later(1.0, self._tick)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        """Unless it is dead by then; if it is stopped, when it goes on."""
        life = self.life

        def then() -> None:
            if self.life != life:
                return
            if self.paused:
                self.world.at(0.25, then)
            else:
                act()

        self.world.at(seconds, then)


def _swept(use_cases: UseCases) -> None:
    use_cases.sweep()
    use_cases.end_leases()
    use_cases.control_tasks.run_due()
    use_cases.look_after_runners.execute(LookAfterRunnersCommand())
