"""What the guard reads: that the supervisor lives, and which attempts do. See the package's docstring."""

from __future__ import annotations

import mmap
import os
import struct

from .timers import boottime_ns

_ALIVE = struct.Struct("<8sQQQ16s16x")
_SLOT = 128
_NUMBERS = struct.Struct("<QQQ")
_GROWTH = 256


class Live:
    """Two mapped files: writing them is writing memory."""

    def __init__(self, directory: str, level: str) -> None:
        self._started = boottime_ns()
        self._level = level.encode("ascii")
        self._alive = _mapped(os.path.join(directory, "alive"), _ALIVE.size)
        self._path = os.path.join(directory, "live")
        if os.path.exists(self._path):
            os.unlink(self._path)
        self._count = _GROWTH
        self._slots = _mapped(self._path, _SLOT * self._count)
        self._free = list(range(self._count))
        self._taken: dict[str, int] = {}
        self.beat()

    def beat(self) -> None:
        """Say that the supervisor goes on."""
        _ALIVE.pack_into(self._alive, 0, b"RYALIVE1", os.getpid(), boottime_ns(), self._started, self._level)

    def leave(self) -> None:
        """Say that it ended of its own will, with nothing left."""
        _ALIVE.pack_into(self._alive, 0, b"RYALIVE1", 0, boottime_ns(), self._started, self._level)

    def take(self, key: str, kill_at: float | None = None) -> None:
        """An attempt is about to be spawned, to be killed at that time of ours."""
        if not self._free:
            self._grow()
        slot = self._taken[key] = self._free.pop()
        start, name = slot * _SLOT, key.encode("ascii")
        _NUMBERS.pack_into(self._slots, start + 8, 0, boottime_ns(), _ns(kill_at))
        self._slots[start + 32 : start + 32 + len(name)] = name
        self._slots[start] = len(name)

    def started(self, key: str, pid: int) -> None:
        """Its main process is this one."""
        struct.pack_into("<Q", self._slots, self._taken[key] * _SLOT + 8, pid)

    def renewed(self, key: str, kill_at: float | None) -> None:
        """It is to be killed later."""
        slot = self._taken.get(key)
        if slot is not None:
            struct.pack_into("<Q", self._slots, slot * _SLOT + 24, _ns(kill_at))

    def free(self, key: str) -> None:
        """Its tree was ended."""
        slot = self._taken.pop(key, None)
        if slot is not None:
            self._slots[slot * _SLOT] = 0
            self._free.append(slot)

    def _grow(self) -> None:
        more = self._count + _GROWTH
        self._slots.flush()
        self._slots = _mapped(self._path, _SLOT * more)
        self._free = list(range(self._count, more))
        self._count = more


def _ns(at: float | None) -> int:
    """As the guard reads it: 0 is never."""
    return 0 if at is None else max(1, int(at * 1e9))


def _mapped(path: str, size: int) -> mmap.mmap:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)  # a hole could not be written to on a full disk: SIGBUS
        return mmap.mmap(descriptor, size)
    finally:
        os.close(descriptor)
