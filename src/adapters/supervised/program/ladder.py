"""When an attempt is to be ended, and how gently: TERM, the grace period, KILL."""

from __future__ import annotations

import os
import signal

TERM, KILL, STOP, CONT = signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT


class Ladder:
    """Decides, does nothing itself: each method answers with the signals the whole tree shall get now.

    `deadman`: how many seconds after the last word of anybody come TERM and KILL; the second is never put off.
    """

    def __init__(
        self,
        run_timeout: float | None,
        grace: float,
        total_timeout: float | None = None,
        deadman: tuple[float, float] | None = None,
    ) -> None:
        self._left = run_timeout
        self._total = total_timeout
        self._end_by: float | None = None
        self._grace = grace
        self._deadline: float | None = None
        self._kill_at: float | None = None
        self._deadman = deadman
        self._heard: float | None = None
        self.cause: str | None = None
        self.paused = False

    @property
    def next_at(self) -> float | None:
        """When to call `due`."""
        if self._kill_at is not None:
            times = [self._kill_at, self.lapses_at]
        else:
            times = [self._deadline, self._end_by, self._alone_until]
        return min((at for at in times if at is not None), default=None)

    @property
    def lapses_at(self) -> float | None:
        """When the lease is over for us: the time of the dead man's KILL."""
        return None if self._deadman is None or self._heard is None else self._heard + self._deadman[1]

    @property
    def _alone_until(self) -> float | None:
        """The time of the dead man's TERM."""
        return None if self._deadman is None or self._heard is None else self._heard + self._deadman[0]

    def heard(self, stamp: float, now: float) -> bool:
        """The lease was renewed after we said this; whether it lasts longer for that. What is over stays over."""
        over = self.lapses_at is not None and now >= self.lapses_at
        if self._deadman is None or over or not (self._heard or 0.0) <= stamp <= now:
            return False
        self._heard = stamp
        return True

    def reaped(self, status: int, now: float) -> None:
        """It ended. Killed past its lease it was by the guard, while we were too late."""
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == KILL
        if killed and self.lapses_at is not None and now >= self.lapses_at:
            self.cause = self.cause or "deadman"

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
        """What time asks for. Past the lease there is no grace left."""
        if self.lapses_at is not None and now >= self.lapses_at:
            return self.kill("deadman")
        if self._kill_at is not None:
            return self.kill("kill") if now >= self._kill_at else []
        if self.next_at is None or now < self.next_at:
            return []
        late = [at for at in (self._deadline, self._end_by) if at is not None and now >= at]
        return self.end(now, "timeout" if late else "deadman")
