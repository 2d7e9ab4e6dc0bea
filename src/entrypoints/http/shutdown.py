"""The word that the server is about to stop, for everything that would otherwise never end."""

from collections.abc import Callable

from ...domain.errors import Refusal, RunyardError


class AboutToStop(RunyardError):
    """This process leaves."""

    refusal = Refusal.UNAVAILABLE
    code = "about-to-stop"

    def __init__(self) -> None:
        super().__init__("this server is about to stop")


class Shutdown:
    """Said once, by any thread; streams hear it and end, so that nobody waits for them.

    It takes no lock: a signal handler says it, and may interrupt whoever would be holding one.
    """

    def __init__(self) -> None:
        self._begun = self._announced = False
        self._listeners: dict[object, Callable[[], None]] = {}

    @property
    def announced(self) -> bool:
        """Whether it is known that it will be said."""
        return self._announced

    def announce(self) -> None:
        """It will be said soon: whoever asks is told to go elsewhere."""
        self._announced = True

    def stays(self) -> None:
        """Does nothing as long as nothing was announced; else `AboutToStop`."""
        if self._announced or self._begun:
            raise AboutToStop

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
