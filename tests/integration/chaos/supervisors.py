"""The supervisors of a host, and what can be done to them."""

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from .harm import Harm
from .processes import guard_of, send, supervisor_of

_GUARD_IS_PATIENT = 10.0
_MOMENT = 0.5


class Supervisors:
    """Kills and stops them; each harm is written down, as it explains losses."""

    def __init__(self, directories: Callable[[], list[Path]], runner_of: Callable[[Path], str]) -> None:
        self._directories, self._runner_of = directories, runner_of
        self._locks: dict[Path, Lock] = {}
        self.harms: list[Harm] = []

    def kill(self, dice: random.Random) -> None:
        """Its guard ends what it leaves."""
        directory = self._any(dice)
        with self._locked(directory):
            self._harm(directory, lambda: send(supervisor_of(directory), signal.SIGKILL))

    def kill_guard(self, dice: random.Random) -> None:
        """Harms nobody: there will be another one."""
        directory = self._any(dice)
        with self._locked(directory):
            send(guard_of(directory), signal.SIGKILL)

    def kill_both(self, dice: random.Random) -> None:
        """Nobody ends what they leave, but the next supervisor."""
        directory = self._any(dice)
        with self._locked(directory):
            guard = guard_of(directory)
            self._harm(directory, lambda: send(supervisor_of(directory), signal.SIGKILL))
            send(guard, signal.SIGKILL)

    def stop(self, dice: random.Random) -> None:
        """For longer than its guard is patient."""
        directory = self._any(dice)
        with self._locked(directory):
            pid = supervisor_of(directory)
            self._harm(directory, lambda: self._stand_still(pid))

    def _stand_still(self, pid: int | None) -> None:
        if send(pid, signal.SIGSTOP):
            time.sleep(_GUARD_IS_PATIENT * 1.3)
            send(pid, signal.SIGCONT)

    def _harm(self, directory: Path, act: Callable[[], object]) -> None:
        begun = time.time()
        act()
        self.harms.append(Harm(self._runner_of(directory), begun, time.time() + _MOMENT))

    def _any(self, dice: random.Random) -> Path:
        return dice.choice(sorted(self._directories()))

    def _locked(self, directory: Path) -> Lock:
        return self._locks.setdefault(directory, Lock())
