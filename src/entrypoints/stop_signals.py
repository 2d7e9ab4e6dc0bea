"""SIGTERM and Ctrl-C, heard at whatever moment they come."""

import os
import signal
from typing import Final

_SIGNALS: Final = frozenset({signal.SIGTERM, signal.SIGINT})


class StopSignals:
    """Made in the main thread, once.

    The signals are read from a pipe. A handler that sets an event may interrupt the very thread that holds the lock of
    that event, and a signal between a look at a flag and the wait for it is heard only when the next one comes.
    """

    def __init__(self) -> None:
        self._heard, said = os.pipe()
        os.set_blocking(said, False)
        signal.set_wakeup_fd(said, warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, lambda _number, _frame: None)

    def wait(self) -> None:
        """Until one has come, also before this was called."""
        while ord(os.read(self._heard, 1)) not in _SIGNALS:
            pass
