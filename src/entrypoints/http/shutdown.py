"""The word that the server is about to stop, for everything that would otherwise never end."""

from collections.abc import Callable
from threading import Lock


class Shutdown:
    """Said once, by any thread; streams hear it and end, so that nobody waits for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begun = False
        self._listeners: dict[object, Callable[[], None]] = {}

    @property
    def begun(self) -> bool:
        """Whether it has been said."""
        return self._begun

    def begin(self) -> None:
        """Say it. Saying it again changes nothing."""
        with self._lock:
            self._begun = True
            listening = list(self._listeners.values())
        for heard in listening:
            heard()

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Call `heard` when it is said, at once if it was; from any thread, quickly; the answer stops it."""
        key = object()
        with self._lock:
            self._listeners[key] = heard
            begun = self._begun
        if begun:
            heard()

        def stop() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return stop
