"""The engine: everything that runs beside the doors of an embedded server."""

from collections.abc import Sequence
from typing import Protocol

from ...application.ports.calling import UseCase
from ...application.runners.register_runner import RegisterRunnerCommand
from ...domain.runners.ids import DriverId
from ...domain.runners.runner import Runner, RunnerKind
from .driver import Driver

DRIVER = DriverId("embedded")
"""The same after each restart: the lock on the data directory says that the one before is dead."""


class Store(Protocol):
    """What the engine asks of the store beside its units of work."""

    def migrate(self) -> None:
        """Bring the schema up to date."""

    def close(self) -> None:
        """Let go of all connections."""


class Part(Protocol):
    """Something that runs beside the driver."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End, within a second or two."""


class LocalSupervisor(Protocol):
    """The supervisor of this machine, as far as the engine needs it."""

    def stop_supervisor(self) -> bool:
        """Have it exit if it has nothing left to do; whether it did."""


class Engine:
    """Starts and stops the parts in the right order."""

    def __init__(
        self,
        store: Store,
        register: UseCase[RegisterRunnerCommand, Runner],
        driver: Driver,
        beside: Sequence[Part],
        host: LocalSupervisor,
    ) -> None:
        self._store, self._register = store, register
        self._driver, self._beside, self._host = driver, beside, host

    def start(self, slots: int) -> Runner:
        """Bring the store up to date, register this machine with so many slots, and drive it."""
        self._store.migrate()
        runner = self._register.execute(RegisterRunnerCommand(name="local", kind=RunnerKind.LOCAL, slots=slots))
        for part in self._beside:
            part.start()
        self._driver.start(runner.id, DRIVER)
        return runner

    def stop(self) -> bool:
        """Stop within about two seconds; whether the supervisor left too, having nothing to do."""
        self._driver.stop(timeout=1.5)
        for part in self._beside:
            part.stop()
        left = self._host.stop_supervisor()
        self._store.close()
        return left
