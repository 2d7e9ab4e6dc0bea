"""Looking for the processes of attempts: among one's own children, in a tree, on the whole host.

A supervisor that is the subreaper of its jobs need not search the host: whatever an attempt started is below one of
the supervisor's own children, and an orphan becomes one at the moment its parent dies. Nobody leaves that list except
through the supervisor's own wait4, so one reading of it is exact, which no walk through /proc is. Who is not the parent
(the guard, a successor) walks through /proc, and knows the walk for complete when no process was born meanwhile.
"""

from __future__ import annotations

import os
import signal
import time

from .marks import mark_in, process_facts, read_small, signal_exactly


def children_of(pid: int) -> list[int]:
    """The children of all threads of a process. Exact for one's own, in the thread that reaps; else a fair guess."""
    folder = f"/proc/{pid}/task"
    try:
        threads = os.listdir(folder)
    except OSError:
        return []
    found: list[int] = []
    for thread in threads:
        found.extend(map(int, read_small(f"{folder}/{thread}/children").split()))
    return found


def kernel_lists_children() -> bool:
    return os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def children_by_parent(pid: int) -> list[int]:
    """The same for kernels built without the list of children: slow, and blind to what lives a millisecond."""
    found = []
    for other in all_pids():
        facts = process_facts(other)
        if facts is not None and facts.parent == pid:
            found.append(other)
    return found


def descendants_of(roots: list[int], limit: int = 5000) -> list[tuple[int, int]]:
    """(pid, parent) of everything below the roots, parents first, as far as it stands still."""
    found: list[tuple[int, int]] = []
    pending = list(roots)
    while pending and len(found) < limit:
        parent = pending.pop(0)
        for child in children_of(parent):
            found.append((child, parent))
            pending.append(child)
    return found


def is_dead_child(pid: int) -> bool:
    """Whether a child of ours is dead with all its threads, without reaping it."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


class HostScan:
    """Finds and kills, anywhere on the host, the processes that carry one of some marks."""

    def __init__(self, marks: set[int], slots: tuple[int, ...], spared: int = 0) -> None:
        self._marks = marks
        self._slots = slots
        self._spared = {os.getpid(), spared}

    def carries(self, pid: int) -> bool:
        return self.look(pid) is True

    def look(self, pid: int) -> bool | None:
        """True: it carries one of the marks. None: it is gone, and nobody knows what it was."""
        for slot in self._slots:
            mark = mark_in(pid, slot)
            if mark is None:
                return None
            if mark in self._marks:
                return not _is_zombie(pid)
        return False

    def once(self) -> tuple[list[int], bool]:
        """Those found in one walk, and whether the walk was complete: no process was born that it did not see."""
        seen = last_pid()
        found = [pid for pid in all_pids() if pid not in self._spared and self.look(pid)]
        for _ in range(8):
            newest = last_pid()
            if newest == seen:
                return found, True
            if newest < seen or newest - seen > 500:
                break
            looks = {pid: self.look(pid) for pid in range(seen + 1, newest + 1) if pid not in self._spared}
            found.extend(pid for pid, look in looks.items() if look and pid not in found)
            if None in looks.values():
                break
            seen = newest
        return found, False

    def kill(self, seconds: float) -> bool | None:
        """Kill until a complete walk finds nobody; none when time is up before that."""
        until = time.monotonic() + seconds
        while True:
            found, complete = self.once()
            if complete and not found:
                return True
            for pid in found:
                signal_exactly(pid, signal.SIGKILL, self.carries)
            self._chase(found)
            if time.monotonic() > until:
                return None

    def _chase(self, found: list[int]) -> None:
        """Meet processes that live a millisecond where they appear: at the pids given out last."""
        if not found:
            time.sleep(0.001)
            return
        until = time.monotonic() + 0.005
        while time.monotonic() < until:
            newest = last_pid()
            for pid in range(max(2, newest - 6), newest + 2):
                if pid not in self._spared and self.look(pid):
                    signal_exactly(pid, signal.SIGKILL, self.carries)


def last_pid() -> int:
    """The pid given out last in our pid namespace."""
    return int(read_small("/proc/loadavg").split()[-1])


def _is_zombie(pid: int) -> bool:
    """A leader whose threads live on also shows Z, and is no zombie."""
    facts = process_facts(pid)
    if facts is None or facts.state not in "ZX":
        return facts is None
    try:
        return len(os.listdir(f"/proc/{pid}/task")) <= 1
    except OSError:
        return True
