"""The supervisor's own children, told apart by attempt: the proof that nothing of an attempt is left.

As the subreaper of everything it starts, the supervisor sees each process of an attempt either below that attempt's
first process or as its own child. So an attempt has ended when its first process is dead and no other child belongs to
it. Killing goes the same way: kill the children, those below come up when their parents die, again, until nobody comes.
No pid can be mistaken, because the pid of a child is not used again before the supervisor has waited for it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import Callable

from .marks import MARK_LOWEST, mark_in, process_facts, signal_exactly
from .scan import all_pids, children_by_parent, children_of, descendants_of, is_dead_child, kernel_lists_children
from .timers import boottime

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_QUIET = 0.001  # an orphan comes up a tenth of this after its parent was struck


class Attempted:
    """What is remembered of one attempt until its end is proven."""

    __slots__ = ("born", "dead_at", "family", "first", "hunts", "key", "mark", "since", "stopped", "struck")

    def __init__(self, key: str, mark: int) -> None:
        self.key = key
        self.mark = mark
        self.first = 0
        self.born = int(boottime() * CLOCK_TICKS) - 1  # none of it began before
        self.dead_at = -1  # the look before which its first process was known to be dead, or had not begun
        self.family: dict[int, int] = {}  # pid to start time, of descendants seen under their parents
        self.hunts = 0
        self.stopped: set[int] = set()
        self.struck: set[int] = set()
        self.since: float | None = None  # when killing began


class Look:
    """One reading of the list of children."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.alive: dict[str, list[int]] = {}
        self.unsettled: set[str] = set()  # who had a child die unseen: its children may come yet
        self.strays: list[int] = []  # start times of children that carry nobody's mark


class Brood:
    def __init__(self, slot: int | None) -> None:
        self._slot = slot
        self._mine: Callable[[int], list[int]] = children_of if kernel_lists_children() else children_by_parent
        self._attempts: dict[str, Attempted] = {}
        self._marks: dict[int, str] = {}
        self._owners: dict[int, str | None] = {}
        self._dead: set[int] = set()
        self._strays: dict[int, int] = {}
        self._spared: set[int] = set(self._mine(os.getpid()))
        self._last = Look(0)

    def begin(self, key: str, mark: int) -> None:
        attempt = self._attempts[key] = Attempted(key, mark)
        attempt.dead_at = self._last.number
        self._marks[mark] = key

    def started(self, key: str, pid: int, mark: int) -> None:
        if key not in self._attempts:
            self.begin(key, mark)
        attempt = self._attempts[key]
        attempt.first, attempt.dead_at = pid, -1
        self._forget_pid(pid)
        self._owners[pid] = key

    def spare(self, pid: int) -> None:
        self._forget_pid(pid)
        self._spared.add(pid)

    def reaped(self, pid: int) -> None:
        key = self._owners.get(pid)
        attempt = self._attempts.get(key) if key is not None else None
        if attempt is not None:
            attempt.struck.discard(pid)
            if attempt.first == pid and attempt.dead_at < 0:
                attempt.dead_at = self._last.number
        self._forget_pid(pid)

    def get(self, key: str) -> Attempted | None:
        return self._attempts.get(key)

    def forget(self, key: str) -> None:
        attempt = self._attempts.pop(key, None)
        if attempt is not None:
            self._marks.pop(attempt.mark, None)

    def is_empty(self) -> bool:
        return not self._attempts

    def members(self, key: str) -> list[tuple[int, int]]:
        """(pid, parent) of all that can be seen of the attempt, parents first."""
        return self._seen(self._look(), key)

    def _seen(self, look: Look, key: str) -> list[tuple[int, int]]:
        children = look.alive.get(key, [])
        return [(pid, os.getpid()) for pid in children] + descendants_of(children)

    def remember_family(self, attempt: Attempted) -> None:
        for pid, _ in self._seen(self._last, attempt.key):
            facts = process_facts(pid)
            if facts is not None:
                attempt.family[pid] = facts.started

    def strike(self, attempt: Attempted) -> bool:
        """Kill the children that were just seen to belong to it; whether any had not been struck before."""
        found = set(self._last.alive.get(attempt.key, ()))
        _kill_children(found)
        fresh = not found <= attempt.struck
        attempt.struck |= found
        return fresh

    def hunt(self, attempt: Attempted, seconds: float) -> bool:
        """Kill and look again while new ones keep coming; those that only take their time to die are not waited for."""
        attempt.hunts += 1
        now = time.monotonic()
        until, quiet_until, grew = now + seconds, now + _QUIET, False
        if attempt.stopped:
            self._hold_still(attempt, until)
        while not attempt.stopped and not self.is_gone(attempt):
            now = time.monotonic()
            if self.strike(attempt):
                quiet_until, grew = now + _QUIET, True
            if now > min(quiet_until, until):
                if grew and attempt.hunts > 1:
                    self._hold_still(attempt, now + seconds)
                return False
        return not attempt.stopped

    def _hold_still(self, attempt: Attempted, until: float) -> None:
        """Stop before killing: who is stopped keeps its place in a full process table, and a bomb needs free ones."""
        while time.monotonic() < until:
            found = set(self._marked_on_host(attempt))
            if found <= attempt.stopped:
                for pid in found:
                    signal_exactly(pid, signal.SIGKILL, lambda one: self._carries(one, attempt))
                attempt.stopped = set()
                return
            for pid in found:  # the old ones too: the kernel wakes a stopped group when its last outside parent dies
                signal_exactly(pid, signal.SIGSTOP, lambda one: self._carries(one, attempt))
            attempt.stopped = found

    def _marked_on_host(self, attempt: Attempted) -> list[int]:
        own = os.getpid()
        return [pid for pid in all_pids() if pid != own and self._carries(pid, attempt)]

    def _carries(self, pid: int, attempt: Attempted) -> bool:
        return self._slot is not None and mark_in(pid, self._slot) == attempt.mark

    def is_gone(self, attempt: Attempted) -> bool:
        if self._shows_gone(self._last, attempt):
            return True
        if attempt.dead_at < 0 and is_dead_child(attempt.first):
            attempt.dead_at = self._last.number
            self._dead.add(attempt.first)
        return self._shows_gone(self._look(), attempt)

    def shows(self, attempt: Attempted) -> bool:
        """Whether the last look showed any that are known to belong to it."""
        return attempt.key in self._last.alive or attempt.key in self._last.unsettled

    def _shows_gone(self, look: Look, attempt: Attempted) -> bool:
        first_was_dead = 0 <= attempt.dead_at < look.number
        others = attempt.key in look.alive or attempt.key in look.unsettled
        return first_was_dead and not others and not any(born >= attempt.born for born in look.strays)

    def _look(self) -> Look:
        look = Look(self._last.number + 1)
        for pid in self._mine(os.getpid()):
            if pid in self._dead or pid in self._spared:
                continue
            owner = self._owner(pid)
            first = owner is not None and owner in self._attempts and self._attempts[owner].first == pid
            if not first and is_dead_child(pid):
                self._dead.add(pid)
                look.unsettled.update([owner] if owner is not None else self._attempts)
            elif owner is not None:
                look.alive.setdefault(owner, []).append(pid)
            else:
                look.strays.append(self._strays[pid])
        self._last = look
        return look

    def _owner(self, pid: int) -> str | None:
        if pid not in self._owners:
            self._owners[pid] = self._recognised(pid)
        return self._owners[pid]

    def _recognised(self, pid: int) -> str | None:
        mark = mark_in(pid, self._slot) if self._slot is not None else None
        if mark is not None and mark >= MARK_LOWEST and mark in self._marks:
            return self._marks[mark]
        facts = process_facts(pid)
        self._strays[pid] = facts.started if facts is not None else 0
        if facts is None:
            return None
        for attempt in self._attempts.values():
            if attempt.family.get(pid) == facts.started:
                return attempt.key
            if attempt.first and attempt.first == facts.session and attempt.born <= facts.started:
                return attempt.key
        return None

    def _forget_pid(self, pid: int) -> None:
        self._owners.pop(pid, None)
        self._strays.pop(pid, None)
        self._dead.discard(pid)
        self._spared.discard(pid)


def _kill_children(pids: set[int]) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):  # another user's: it stays in the list, and the answer becomes "unknown"
            os.kill(pid, signal.SIGKILL)
