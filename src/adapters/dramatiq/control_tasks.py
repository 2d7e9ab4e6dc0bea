"""Control tasks as Dramatiq actors, declared on the broker that is passed in."""

from collections.abc import Callable
from heapq import heappop, heappush
from logging import getLogger
from threading import Condition, Thread
from time import monotonic
from typing import Final

from dramatiq import Broker, actor

from ...application.ports.control_tasks import HORIZON

QUEUE = "control"
_COALESCE_SECONDS: Final = 0.05
_OPEN_SECONDS: Final = 5.0
_MOST_WAITING: Final = 1_000
_log = getLogger(__name__)


class DramatiqControlTasks:
    """`sweep` here is the errand itself; the actor only calls it. For a broker that never makes anybody wait."""

    def __init__(self, broker: Broker, sweep: Callable[[], object]) -> None:
        def sweep_jobs() -> None:
            sweep()

        self._sweep_jobs = actor(broker=broker, queue_name=QUEUE)(sweep_jobs)

    def sweep(self, *, after: float = 0.0) -> None:
        if after > HORIZON:
            return
        try:
            self._sweep_jobs.send_with_options(delay=max(0, round(after * 1000)))
        except Exception:  # noqa: BLE001 - an errand that cannot be handed over is left to the tick
            _log.warning("could not hand over a sweep", exc_info=True)


class RemoteControlTasks:
    """The same for a broker at the end of a network: a thread hands over, each errand when its moment has come.

    So nobody who calls waits, and no broker keeps errands for later. After a failure nothing is tried for some
    seconds; the ticks do what is lost.
    """

    def __init__(self, broker: Broker, sweep: Callable[[], object]) -> None:
        def sweep_jobs() -> None:
            sweep()

        self._sweep_jobs = actor(broker=broker, queue_name=QUEUE)(sweep_jobs)
        self._changed = Condition()
        self._due: list[float] = []
        self._stopping = False
        self._thread = Thread(target=self._run, name="control tasks", daemon=True)

    def start(self) -> None:
        """Begin to hand over."""
        self._thread.start()

    def stop(self) -> None:
        """Hand over no more; the ticks of whoever goes on do the rest."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(1.0)

    def sweep(self, *, after: float = 0.0) -> None:
        if after > HORIZON:
            return
        # Errands that come due together are one, so that a burst of jobs is not a burst of errands.
        moment = (monotonic() + after) // _COALESCE_SECONDS * _COALESCE_SECONDS + _COALESCE_SECONDS if after else 0.0
        with self._changed:
            if moment not in self._due and len(self._due) < _MOST_WAITING:
                heappush(self._due, moment)
                self._changed.notify()

    def _run(self) -> None:
        while self._wait_for_one():
            try:
                self._sweep_jobs.send()
            except Exception as error:  # noqa: BLE001 - whatever the broker raises, the tick does it
                _log.warning("errands are left to the tick for now: %s", error)
                with self._changed:
                    self._changed.wait_for(lambda: self._stopping, _OPEN_SECONDS)
                    self._due.clear()

    def _wait_for_one(self) -> bool:
        """Whether one is due; else it is time to stop."""
        with self._changed:
            while not self._stopping:
                wait = self._due[0] - monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    heappop(self._due)
                    return True
                self._changed.wait(wait)
            return False
