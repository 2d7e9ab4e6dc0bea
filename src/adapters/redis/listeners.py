"""Who listens in this process, and to what."""

from collections.abc import Callable, Collection
from logging import getLogger
from threading import Lock

Heard = Callable[[], None]

_log = getLogger(__name__)


class Listeners:
    """Calls those who listen, in the thread of whoever tells."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._heard: dict[str, dict[object, Heard]] = {}

    def add(self, topic: str, heard: Heard) -> Callable[[], None]:
        """Call `heard` from now on; the answer stops it, and may be called twice."""
        key = object()
        with self._lock:
            self._heard.setdefault(topic, {})[key] = heard

        def stop() -> None:
            with self._lock:
                listening = self._heard.get(topic, {})
                listening.pop(key, None)
                if not listening:
                    self._heard.pop(topic, None)

        return stop

    def tell(self, topics: Collection[str]) -> None:
        """Ring here. One that fails hurts nobody."""
        with self._lock:
            listening = [heard for topic in topics for heard in self._heard.get(topic, {}).values()]
        for heard in listening:
            try:
                heard()
            except Exception:  # noqa: BLE001 - a failing listener never hurts the ringer
                _log.exception("a listener failed")
