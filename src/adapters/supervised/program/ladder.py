"""When an attempt is to be ended, and how gently: TERM, the grace period, KILL."""

from __future__ import annotations

import signal

TERM, KILL, STOP, CONT = signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT


class Ladder:
    """Decides, does nothing itself: each method answers with the signals the whole tree shall get now."""

    def __init__(self, run_timeout: float | None, grace: float, total_timeout: float | None = None) -> None:
        self._left = run_timeout
        self._total = total_timeout
        self._end_by: float | None = None
        self._grace = grace
        self._deadline: float | None = None
        self._kill_at: float | None = None
        self.cause: str | None = None
        self.paused = False

    @property
    def next_at(self) -> float | None:
        """When to call `due`."""
        if self._kill_at is not None:
            return self._kill_at
        return min((at for at in (self._deadline, self._end_by) if at is not None), default=None)

    def begin(self, now: float) -> None:
        """The process runs."""
        if self._left is not None:
            self._deadline = now + self._left
        if self._total is not None:
            self._end_by, self._total = now + self._total, None

    def end(self, now: float, cause: str) -> list[int]:
        """Ask it to end; the first cause stays."""
        if self.cause is not None:
            return []
        self.cause = cause
        self._kill_at = now + self._grace
        woken = [CONT] if self.paused else []
        self.paused = False
        return [TERM, *woken]

    def kill(self, cause: str) -> list[int]:
        """End it at once."""
        self.cause = self.cause or cause
        self._deadline = self._end_by = self._kill_at = None
        return [KILL]

    def pause(self, now: float) -> list[int]:
        """Stop it; its running time stands still."""
        if self.paused or self.cause is not None:
            return []
        self.paused = True
        if self._deadline is not None:
            self._left, self._deadline = self._deadline - now, None
        return [STOP]

    def resume(self, now: float) -> list[int]:
        """Let it go on."""
        if not self.paused:
            return []
        self.paused = False
        self.begin(now)
        return [CONT]

    def due(self, now: float) -> list[int]:
        """What time asks for."""
        if self._kill_at is not None:
            return self.kill("kill") if now >= self._kill_at else []
        if self.next_at is not None and now >= self.next_at:
            return self.end(now, "timeout")
        return []
