"""The second watchdog of a host: ends the trees of a supervisor that died or went silent, and those past their lease.

Started by the supervisor as its child, so its parent's number tells for certain whether the supervisor lives. It reads
`alive` and `live` (laid out in the package's docstring) and writes nothing. It touches only attempts it read in `live`:
a successor that has meanwhile begun its own attempts in the same directory keeps them.
"""

from __future__ import annotations

import os
import signal
import struct
import time

from .brood import CLOCK_TICKS
from .contain import end_remains
from .marks import process_facts, signal_exactly
from .scan import all_pids, descendants_of
from .secret_files import remove_all
from .timers import boottime_ns

GUARD_TICK = 0.5
GUARD_SILENCE = 10.0
GUARD_TRIES = 10  # sweeps of a few seconds each, before what cannot be killed is left to the successor
GUARD_ALIVE = struct.Struct("<8sQQQ16s16x")
GUARD_SLOT = struct.Struct("<B7xQQQ96s")
UNREADABLE = (0, 0, 0)


class Guarded:
    """A live attempt as `live` shows it."""

    def __init__(self, fields: tuple[int, int, int, int, bytes]) -> None:
        length, self.pid, self.spawned, self.kill_at, name = fields
        self.key = name[:length].decode("ascii", "replace")

    def is_first(self, pid: int) -> bool:
        """Whether that process is the one the attempt began with, and not a later one of the same number."""
        facts = process_facts(pid)
        return pid == self.pid and facts is not None and abs(facts.started / CLOCK_TICKS - self.spawned / 1e9) < 2.0


class Guard:
    def __init__(self, directory: str, supervisor: int, started: int) -> None:
        self._directory = directory
        self._supervisor = supervisor
        self._started = started
        self._beat = 0
        self._quiet = 0.0
        self._ended: set[str] = set()

    def watch(self) -> None:
        """Until the supervisor says goodbye, or its attempts have been ended for it."""
        last = time.monotonic()
        while True:
            pid, beat, started = alive = read_alive(self._directory)
            if alive != UNREADABLE and (pid != self._supervisor or started != self._started):
                return
            now = time.monotonic()
            # Time in which this process did not run either (a stopped machine) speaks against nobody.
            self._quiet = 0.0 if beat != self._beat else self._quiet + min(now - last, 2 * GUARD_TICK)
            self._beat, last = beat, now
            if self._is_orphan() or self._quiet > GUARD_SILENCE:
                self._take_over()
                return
            self._enforce_leases()
            time.sleep(GUARD_TICK)

    def _take_over(self) -> None:
        signal_exactly(self._supervisor, signal.SIGKILL, lambda pid: os.getppid() == pid)
        until = time.monotonic() + 2.0  # a process that cannot die now will not run either: the signal is sent
        while not self._is_orphan() and time.monotonic() < until:
            time.sleep(0.01)
        if read_alive(self._directory)[2] not in (self._started, 0):
            return  # the successor was quicker, and sweeps itself
        attempts = self._live()
        for _ in range(GUARD_TRIES):
            for attempt in attempts:
                self._kill_known(attempt)
            if end_remains(self._directory, [attempt.key for attempt in attempts]):
                remove_all(self._directory)
                return

    def _enforce_leases(self) -> None:
        now = boottime_ns()
        for attempt in self._live():
            if 0 < attempt.kill_at <= now and attempt.key not in self._ended:
                self._kill_known(attempt)
                if end_remains(self._directory, [attempt.key], spared=self._supervisor):
                    self._ended.add(attempt.key)

    def _kill_known(self, attempt: Guarded) -> None:
        """The first process, what is below it and in its session: for those who took the mark off."""
        if attempt.pid == 0 or not attempt.is_first(attempt.pid):
            return
        family = {pid: process_facts(pid) for pid, _ in descendants_of([attempt.pid])}
        for pid in all_pids():
            facts = process_facts(pid)
            if facts is not None and facts.session == attempt.pid:
                family[pid] = facts
        if not attempt.is_first(attempt.pid):
            return  # it ended while we looked, so its session's number may be another's
        for pid, seen in family.items():
            if seen is not None and pid != self._supervisor:
                signal_exactly(pid, signal.SIGKILL, seen.still_names)
        signal_exactly(attempt.pid, signal.SIGKILL, attempt.is_first)

    def _is_orphan(self) -> bool:
        return os.getppid() != self._supervisor

    def _live(self) -> list[Guarded]:
        try:
            with open(os.path.join(self._directory, "live"), "rb") as file:
                content = file.read()
        except OSError:
            return []
        whole = len(content) - len(content) % GUARD_SLOT.size
        return [Guarded(fields) for fields in GUARD_SLOT.iter_unpack(content[:whole]) if fields[0]]


def read_alive(directory: str) -> tuple[int, int, int]:
    """(pid, beat, started). A file that cannot be read counts as silence."""
    try:
        with open(os.path.join(directory, "alive"), "rb") as file:
            magic, pid, beat, started, _ = GUARD_ALIVE.unpack(file.read(GUARD_ALIVE.size))
    except (OSError, struct.error):
        return UNREADABLE
    return (pid, beat, started) if magic == b"RYALIVE1" else UNREADABLE


def main(directory: str) -> None:
    for signum in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_IGN)  # meant for a server or a terminal; the guard leaves with its supervisor
    supervisor, _, started = read_alive(directory)
    if supervisor:
        Guard(directory, supervisor, started).watch()
