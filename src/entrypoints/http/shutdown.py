"""The word that the server is about to stop, for everything that would otherwise never end."""

from collections.abc import Callable


class Shutdown:
    """Said once, by any thread; streams hear it and end, so that nobody waits for them.

    It takes no lock: a signal handler says it, and may interrupt whoever would be holding one.
    """

    def __init__(self) -> None:
        self._begun = False
        self._listeners: dict[object, Callable[[], None]] = {}

    @property
    def begun(self) -> bool:
        """Whether it has been said."""
        return self._begun

    def begin(self) -> None:
        """Say it. Saying it again changes nothing."""
        self._begun = True
        for heard in self._listeners.copy().values():
            heard()

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Call `heard` when it is said, at once if it was; from any thread, quickly; the answer stops it."""
        key = object()
        self._listeners[key] = heard
        if self._begun:
            heard()

        def stop() -> None:
            self._listeners.pop(key, None)

        return stop
