"""Rings within this process."""

from collections.abc import Callable
from logging import getLogger
from threading import Lock

Heard = Callable[[], None]

_log = getLogger(__name__)


class MemoryRings:
    """Calls whoever listens, in the thread of whoever rings."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._listeners: dict[str, dict[object, Heard]] = {}
        self.failures = 0

    def ring(self, topics: set[str]) -> None:
        with self._lock:
            listening = [heard for topic in topics for heard in self._listeners.get(topic, {}).values()]
        for heard in listening:
            try:
                heard()
            except Exception:  # noqa: BLE001 - a failing listener never hurts the ringer
                self.failures += 1
                _log.exception("a listener failed")

    def listen(self, topic: str, heard: Heard) -> Callable[[], None]:
        key = object()
        with self._lock:
            self._listeners.setdefault(topic, {})[key] = heard

        def stop() -> None:
            with self._lock:
                listeners = self._listeners.get(topic, {})
                listeners.pop(key, None)
                if not listeners:
                    self._listeners.pop(topic, None)

        return stop
