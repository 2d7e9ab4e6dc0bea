"""Keeping the guard running while attempts do."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

from .contain import Level


class Guarding:
    """Starts the guard when there is something to guard, and again if it ends."""

    def __init__(self, directory: str, program: str) -> None:
        self._argv = [sys.executable, "-I", "-S", program, "guard", directory]
        self._pid = 0

    def keep(self, level: Level, needed: bool) -> None:
        """Have one, if there is need; the level shall know that it is no attempt's."""
        if self._pid or not needed:
            return
        try:
            self._pid = os.posix_spawn(sys.executable, self._argv, os.environ, setpgroup=0)
        except OSError:  # tried again in a second
            return
        level.spare(self._pid)

    def dismiss(self) -> None:
        """There is nothing to guard any more: none is left when this returns."""
        if self._pid:
            with contextlib.suppress(OSError):  # it has just ended
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)

    def ended(self, pid: int) -> bool:
        """Whether that was the guard."""
        if pid != self._pid:
            return False
        self._pid = 0
        return True
