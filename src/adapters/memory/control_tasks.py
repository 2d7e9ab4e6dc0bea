"""Control tasks that wait until they are asked for."""

from collections.abc import Callable
from logging import getLogger
from threading import Lock

from ...application.ports.control_tasks import HORIZON

_log = getLogger(__name__)


class MemoryControlTasks:
    """Keeps errands with their delay; `run_due` does those that are due, in order."""

    def __init__(self, sweep: Callable[[], object], elapsed: Callable[[], float]) -> None:
        self._sweep, self._elapsed = sweep, elapsed
        self._lock = Lock()
        self._due: list[float] = []

    def sweep(self, *, after: float = 0.0) -> None:
        if after <= HORIZON:
            with self._lock:
                self._due.append(self._elapsed() + after)

    def run_due(self) -> int:
        """Do what is due by now; how many errands that were."""
        with self._lock:
            now = self._elapsed()
            due = [moment for moment in self._due if moment <= now]
            self._due = [moment for moment in self._due if moment > now]
        for _ in due:
            try:
                self._sweep()
            except Exception:  # noqa: BLE001 - one errand that fails does not stop the next
                _log.exception("an errand failed")
        return len(due)
