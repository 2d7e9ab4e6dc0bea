"""Holding the tree of an attempt together, so that it can be ended for certain and the end be proven.

Levels, strongest first: `cgroup2` and `freezer` (a cgroup per attempt), `subreaper` (every orphan comes back to the
supervisor), `group` (a process group, which proves nothing). Above `group` the supervisor is always a subreaper, and
what leaves its cgroup is found by its mark and by its ancestry; see `marks` and `brood`.

The supervisor calls everything from its one thread. It must name every child that is not an attempt's by `spare`, reap
with wait4(-1) and tell each pid to `reaped`. Only `kill` may take a while: up to about 25 ms, usually far less.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from typing import Iterable

from .brood import Attempted, Brood
from .cgroups import Cage, cage_candidates, remember_cage, remembered_cages
from .marks import MARK_SLOTS, MARK_VARIABLE, free_mark_slot, mark_in, mark_of, process_facts, set_mark, signal_exactly
from .scan import HostScan

LEVEL_NAMES = ("cgroup2", "freezer", "subreaper", "group")
KILL_BUDGET = 10.0  # seconds until "still dying" becomes "cannot be known"; a full host lets a hundred die slowly
STRAY_BUDGET = 1.0  # the same when all that is left are processes that may be anybody's
SWEEP_BUDGET = 3.0
STEP_BUDGET = 0.01
PR_SET_CHILD_SUBREAPER = 36


class NotContainable(ValueError):
    """The level asked for by name cannot be had on this host."""


class Level:
    """How the attempts of one supervisor are held together on this host."""

    def __init__(self, name: str, directory: str, cage: Cage | None = None) -> None:
        self.name = name
        self._directory = os.path.realpath(directory)
        self._cage = cage
        self._slot = free_mark_slot()
        self._marked = False
        self._brood = Brood(self._slot)
        self._foreign: dict[str, float] = {}

    def enter(self, key: str) -> None:
        """From here on, what is spawned belongs to that attempt."""
        mark = mark_of(self._directory, key)
        self._brood.begin(key, mark)
        if self._slot is not None:
            set_mark(self._slot, mark)
            self._marked = True
        if self._cage is not None:
            self._cage.enter(key)

    def env(self, key: str) -> dict[str, str]:
        """A second mark, for eyes and for `ps e`; nothing depends on it."""
        return {MARK_VARIABLE: f"{mark_of(self._directory, key):x}"}

    def home(self) -> None:
        """Back to where the supervisor belongs; before any other event is read."""
        if self._marked and self._slot is not None:
            set_mark(self._slot, None)
            self._marked = False
        if self._cage is not None:
            self._cage.home()

    def started(self, key: str, pid: int) -> None:
        self._brood.started(key, pid, mark_of(self._directory, key))

    def spare(self, pid: int) -> None:
        """This child belongs to no attempt: the guard."""
        self._brood.spare(pid)

    def reaped(self, pid: int) -> None:
        self._brood.reaped(pid)

    def signal(self, key: str, signum: int) -> None:
        """To every process of the tree once; a STOP until nobody is left who could have been missed.

        STOP is a signal and not cgroup.freeze: parents and shells see it as they see Ctrl-Z, it means the same at every
        level, and a frozen process would not even act on TERM.
        """
        done: set[int] = set()
        for _ in range(5 if signum == signal.SIGSTOP else 1):
            new = [(pid, parent) for pid, parent in self._members(key) if pid not in done]
            if not new:
                return
            for pid, parent in new:
                signal_exactly(pid, signum, lambda one, parent=parent: self._belongs(one, parent, key))  # type: ignore[misc]
                done.add(pid)

    def kill(self, key: str) -> bool | None:
        """One step of killing everything. True: gone, and proven. False: call again soon. None: cannot be known."""
        self.home()
        attempt = self._brood.get(key)
        if attempt is None:
            return self._kill_foreign(key)
        caged = self._cage is None or self._cage.end(key)
        if attempt.since is not None:
            gone = self._brood.hunt(attempt, STEP_BUDGET)
        else:
            attempt.since = time.monotonic()
            gone = self._brood.is_gone(attempt) or self._strike(attempt)
        if gone and caged:
            self._forget(key)
            return True
        budget = STRAY_BUDGET if caged and not self._brood.shows(attempt) else KILL_BUDGET
        return None if time.monotonic() - attempt.since > budget else False

    def _strike(self, attempt: Attempted) -> bool:
        """The first blow; most are dead by the next step, so that many attempts can be ended at once."""
        if self._cage is None:
            self._brood.remember_family(attempt)
        self._brood.strike(attempt)
        return False

    def _kill_foreign(self, key: str) -> bool | None:
        """An attempt which this supervisor did not start: they are not our children, so only a walk finds them."""
        since = self._foreign.setdefault(key, time.monotonic())
        caged = self._cage is None or self._cage.end(key)
        gone = HostScan({mark_of(self._directory, key)}, MARK_SLOTS).kill(STEP_BUDGET)
        if gone and caged:
            del self._foreign[key]
            return True
        return None if time.monotonic() - since > KILL_BUDGET else False

    def _forget(self, key: str) -> None:
        self._brood.forget(key)
        if self._cage is not None and self._brood.is_empty():
            self._cage.leave()

    def _members(self, key: str) -> list[tuple[int, int]]:
        found = dict(self._brood.members(key))
        for pid in self._cage.pids(key) if self._cage is not None else ():
            found.setdefault(pid, 0)
        return list(found.items())

    def _belongs(self, pid: int, parent: int, key: str) -> bool:
        if self._slot is not None and mark_in(pid, self._slot) == mark_of(self._directory, key):
            return True
        if self._cage is not None and pid in self._cage.pids(key):
            return True
        facts = process_facts(pid)
        return facts is not None and facts.parent == parent


class GroupLevel(Level):
    """No subreaper to be had: what leaves the group and loses the mark is lost, so the end is never proven."""

    def signal(self, key: str, signum: int) -> None:
        attempt = self._brood.get(key)
        if attempt is not None and attempt.dead_at < 0:  # not reaped: its number is nobody else's
            with contextlib.suppress(OSError):
                os.killpg(attempt.first, signum)

    def kill(self, key: str) -> bool | None:
        self.home()
        attempt = self._brood.get(key)
        if attempt is None:
            return None
        if attempt.since is None:
            attempt.since = time.monotonic()
        self.signal(key, signal.SIGKILL)
        gone = HostScan({attempt.mark}, MARK_SLOTS).kill(STEP_BUDGET)
        if not gone and time.monotonic() - attempt.since < KILL_BUDGET:
            return False
        self._forget(key)
        return None


def choose(directory: str, forced: str | None = None) -> Level:
    """The strongest level that really works here, found by trying; or the one named, if it can be had."""
    if forced not in (None, *LEVEL_NAMES):
        raise NotContainable(f"no containment is called {forced!r}; there are {', '.join(LEVEL_NAMES)}")
    if forced != "group" and _become_subreaper():
        for cage in cage_candidates(directory):
            if forced in (None, cage.kind) and cage.works():
                remember_cage(directory, cage.parent)
                return Level(cage.kind, directory, cage)
        if forced in (None, "subreaper"):
            return Level("subreaper", directory)
    if forced not in (None, "group"):
        raise NotContainable(f"containment {forced!r} does not work on this host for this user")
    return GroupLevel("group", directory)


def sweep(directory: str, keys: Iterable[str], seconds: float = SWEEP_BUDGET) -> bool | None:
    """For a successor that runs nothing yet: kill what a dead supervisor's attempts left, and clear away its cgroups.

    Blocks, for milliseconds as a rule and `seconds` at most. True: every cgroup is gone, and a walk during which no
    process was born met none of the marks.
    """
    cages = _cages(directory)
    ended = end_remains(directory, keys, seconds)
    until = time.monotonic() + seconds
    while True:
        gone = [cage.end_all() for cage in cages]
        if all(gone):
            return ended
        if time.monotonic() > until:
            return None
        time.sleep(0.002)


def end_remains(directory: str, keys: Iterable[str], seconds: float = SWEEP_BUDGET, spared: int = 0) -> bool | None:
    """The same for these attempts only; for the guard, beside whom a successor may be at work already.

    A `spared` supervisor is not killed, even if it stopped in the middle of a spawn and wears the attempt's mark.
    """
    names = list(keys)
    marks = {mark_of(os.path.realpath(directory), key) for key in names}
    cages = _cages(directory)
    until = time.monotonic() + seconds
    while names:
        ended = [cage.end(key) for cage in cages for key in names if not spared or spared not in cage.pids(key)]
        walked = HostScan(marks, MARK_SLOTS, spared).kill(max(0.0, until - time.monotonic()))
        if all(ended) and walked:
            break
        if time.monotonic() > until:
            return None
        time.sleep(0.002)
    for cage in cages:
        cage.leave()
    return True


def _cages(directory: str) -> list[Cage]:
    found = {(cage.kind, cage.parent): cage for cage in cage_candidates(directory) + remembered_cages(directory)}
    return list(found.values())


def _become_subreaper() -> bool:
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        return bool(libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False
