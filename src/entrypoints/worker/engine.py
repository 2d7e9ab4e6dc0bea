"""The engine: everything that runs beside the doors of an embedded server."""

import os
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread
from typing import Final, Protocol

from ...application.ports.calling import UseCase
from ...application.ports.executor import HostUnreachable
from ...application.runners.register_runner import RegisterRunnerCommand
from ...domain.runners.ids import DriverId
from ...domain.runners.runner import Runner, RunnerKind
from .driver import Driver

DRIVER = DriverId("embedded")
"""The same after each restart: the lock on the data directory says that the one before is dead."""

_PATIENCE_SECONDS: Final = 1.0


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

    def close(self) -> None:
        """Hang up."""


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

    def start(self, slots: int | None) -> Runner:
        """Bring the store up to date, register this machine, and drive it.

        With so many slots; None leaves what was decided before, which at first is one per core.
        """
        self._store.migrate()
        asked = RegisterRunnerCommand(
            name="local", kind=RunnerKind.LOCAL, slots=slots, default_slots=os.cpu_count() or 1
        )
        runner = self._register.execute(asked)
        for part in self._beside:
            part.start()
        self._driver.start(runner.id, DRIVER)
        return runner

    def stop(self) -> bool:
        """Stop within about two seconds, whatever the host does; whether the supervisor left, having nothing to do."""
        let_go = self._driver.stop(timeout=_PATIENCE_SECONDS)
        for part in self._beside:
            part.stop()
        left = let_go and self._supervisor_left()  # a driver that still waits for the host is all that speaks to it
        self._store.close()
        return left

    def _supervisor_left(self) -> bool:
        """One that does not answer is not waited for."""
        answers: list[bool] = []

        def ask() -> None:
            with suppress(HostUnreachable):
                answers.append(self._host.stop_supervisor())
            self._host.close()

        asking = Thread(target=ask, name="farewell", daemon=True)
        asking.start()
        asking.join(_PATIENCE_SECONDS)
        return any(answers)
