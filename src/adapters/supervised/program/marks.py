"""How a process is recognised as one of an attempt's, whatever became of its environment, session and parents.

The mark is a soft resource limit with a value that belongs to one attempt of one supervisor directory (61 bits of a
hash). The supervisor lowers its own limit before the spawn, the child inherits it, and only setrlimit takes it away:
not execve, not setsid, not an emptied environment, not a change of user. The limits used restrain nothing: file locks
and resident size have not been enforced since Linux 2.4, real-time CPU time counts for real-time processes only, and
2**61 microseconds are no restraint for those. A supervisor takes the first limit nobody has marked yet, so that one
which itself runs inside an attempt leaves the outer mark on its jobs.
"""

from __future__ import annotations

import hashlib
import os
import resource
import signal
from typing import Callable

MARK_SLOTS = (
    10,
    resource.RLIMIT_RSS,
    15,
)  # locks, resident size, real-time CPU time: the module names two of them only
MARK_LOWEST = 1 << 61
MARK_LINES = {10: b"Max file locks", resource.RLIMIT_RSS: b"Max resident set", 15: b"Max realtime timeout"}
MARK_VARIABLE = "RUNYARD_MARK"


def mark_of(directory: str, key: str) -> int:
    """The directory as os.path.realpath gives it."""
    text = directory + "\0" + key
    return (
        MARK_LOWEST | int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()[:8], "big") >> 3
    )


def free_mark_slot() -> int | None:
    """The first limit that is unlimited here and really takes a mark; none where a sandbox forbids or fakes them."""
    for slot in MARK_SLOTS:
        try:
            before = resource.getrlimit(slot)
            if before != (resource.RLIM_INFINITY, resource.RLIM_INFINITY):
                continue
            resource.setrlimit(slot, (MARK_LOWEST, before[1]))
            taken = mark_in(os.getpid(), slot) == MARK_LOWEST
            resource.setrlimit(slot, before)
        except (OSError, ValueError):
            continue
        if taken:
            return slot
    return None


def set_mark(slot: int, mark: int | None) -> None:
    resource.setrlimit(slot, (resource.RLIM_INFINITY if mark is None else mark, resource.RLIM_INFINITY))


def mark_in(pid: int, slot: int) -> int | None:
    """The soft limit of a process; none when it is gone. Costs a microsecond; other users' processes thirty."""
    try:
        return resource.prlimit(pid, slot)[0]
    except PermissionError:
        return _limit_in_file(pid, slot)
    except (OSError, ValueError):
        return None


def _limit_in_file(pid: int, slot: int) -> int | None:
    for line in read_small(f"/proc/{pid}/limits").split(b"\n"):
        if line.startswith(MARK_LINES[slot]):
            soft = line[26:].split()[0]
            return int(soft) if soft.isdigit() else resource.RLIM_INFINITY
    return None


def read_small(path: str) -> bytes:
    """All of a file of the kernel's; empty when what it tells of is gone or closed to us."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    parts = []
    try:
        while True:
            part = os.read(descriptor, 1 << 16)
            if not part:
                break
            parts.append(part)
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return b"".join(parts)


class ProcessFacts:
    """What the kernel says of one process at one moment; with its start time a pid names a process for good."""

    __slots__ = ("parent", "session", "started", "state")

    def __init__(self, fields: list[bytes]) -> None:
        self.state = fields[0].decode()
        self.parent = int(fields[1])
        self.session = int(fields[3])
        self.started = int(fields[19])

    def still_names(self, pid: int) -> bool:
        now = process_facts(pid)
        return now is not None and now.started == self.started


def process_facts(pid: int) -> ProcessFacts | None:
    text = read_small(f"/proc/{pid}/stat")
    return ProcessFacts(text[text.rindex(b")") + 2 :].split()) if b")" in text else None


def signal_exactly(pid: int, signum: int, ours: Callable[[int], bool]) -> bool:
    """Signal the process that `ours` accepts and no other, even if its pid is used again in between.

    The descriptor is opened first: if the process it stands for is alive at the signal, then the check was about it.
    """
    opener = getattr(os, "pidfd_open", None)
    sender = getattr(signal, "pidfd_send_signal", None)
    try:
        if opener is None or sender is None:
            if not ours(pid):
                return False
            os.kill(pid, signum)
            return True
        descriptor = opener(pid)
    except OSError:
        return False
    try:
        if not ours(pid):
            return False
        sender(descriptor, signum)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
