"""Control tasks as Dramatiq actors, declared on the broker that is passed in."""

from collections.abc import Callable
from logging import getLogger

from dramatiq import Broker, actor

from ...application.ports.control_tasks import HORIZON

QUEUE = "control"
_log = getLogger(__name__)


class DramatiqControlTasks:
    """`sweep` here is the errand itself; the actor only calls it."""

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
