"""The driver: a thread that drives one runner for as long as it may."""

from threading import Event, Thread
from typing import Final

import structlog

from ...application.jobs.drive import Drive
from ...application.ports.calling import UseCase
from ...application.ports.executor import HostUnreachable
from ...application.ports.ssh_hosts import HostKeyChanged
from ...application.runners.release_driver import ReleaseDriverCommand
from ...domain.errors import RunyardError
from ...domain.runners.ids import DriverId, RunnerId
from .driving import Driving

AWAY_SECONDS: Final = 20.0
"""So long a driver leaves a runner alone that it has given up."""


class Driver:
    """Takes step after step until it is told to stop; then it hands the runner over.

    One that does not `stand_by` also leaves when somebody else drives the runner or its host cannot be reached.
    """

    def __init__(
        self, driving: Driving, release: UseCase[ReleaseDriverCommand, None], *, stand_by: bool = True
    ) -> None:
        self._driving, self._release, self._stand_by = driving, release, stand_by
        self._log = structlog.get_logger()
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self, runner_id: RunnerId, driver_id: DriverId) -> None:
        """Start driving in a thread of its own."""
        self._thread = Thread(target=self._run, args=(runner_id, driver_id), name="driver", daemon=True)
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Claim nothing more and let go; what runs goes on without a driver. Whether it has let go by now."""
        self._stopping.set()
        self._driving.wake()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def left(self) -> bool:
        """Whether it drives no more."""
        return self._thread is not None and not self._thread.is_alive()

    @property
    def trouble(self) -> HostUnreachable | None:
        """What kept it from its host."""
        return self._driving.trouble

    def _run(self, runner_id: RunnerId, driver_id: DriverId) -> None:
        self._driving.listen(runner_id)
        while not self._stopping.is_set():
            wait = self._driving.step(runner_id, driver_id)
            if not (self._stand_by or self._driving.drives):
                break
            given_up = self._driving.gives_up()
            if given_up is not None:
                self._hand_over(given_up)
                wait = AWAY_SECONDS
            self._stopping.wait(wait)
        driven = self._driving.end()
        if driven is not None:
            self._hand_over(driven)

    def _hand_over(self, driven: Drive) -> None:
        try:
            trouble = None if self._stand_by else self._driving.trouble
            command = ReleaseDriverCommand(
                runner_id=driven.runner.id,
                epoch=driven.epoch,
                trouble=None if trouble is None else str(trouble),
                another_host=isinstance(trouble, HostKeyChanged),
            )
            self._release.execute(command)
        except RunyardError as refusal:
            self._log.warning("could not hand the runner over; its lease will end", why=str(refusal))
