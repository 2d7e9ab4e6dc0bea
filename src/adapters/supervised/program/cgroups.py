"""A cgroup per attempt: version 2 with cgroup.kill, or the freezer of version 1. Both are tried before believed.

The directory is made below the cgroup the supervisor itself is in, which is where an unprivileged user may have been
given a subtree, and where a supervisor that is a job itself stays inside its own attempt. Names come from hashes and
from harmless characters, never from a key as it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import time

from .marks import read_small, signal_exactly


class Cage:
    """The cgroups of one supervisor directory in one hierarchy."""

    def __init__(self, kind: str, base: str, directory: str) -> None:
        digest = hashlib.sha256(os.path.realpath(directory).encode("utf-8", "surrogateescape")).hexdigest()
        self.kind = kind
        self.parent = os.path.join(base, "runyard-" + digest[:20])
        self._home = os.path.join(base, "cgroup.procs")
        self._away = False

    def folder(self, key: str) -> str:
        readable = re.sub(r"[^A-Za-z0-9-]", "_", key)[:60]
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        return os.path.join(self.parent, readable + "." + digest[:12])

    def enter(self, key: str) -> None:
        path = self.folder(key)
        try:
            os.mkdir(path)
        except FileExistsError:
            pass
        except FileNotFoundError:
            self._make_both(path)
        self._away = True
        _write(os.path.join(path, "cgroup.procs"), b"0")

    def _make_both(self, path: str) -> None:
        for attempt in range(5):  # the guard of a predecessor may be clearing the parent away
            with contextlib.suppress(FileExistsError):
                os.mkdir(self.parent)
            try:
                os.mkdir(path)
            except FileNotFoundError:
                if attempt == 4:
                    raise
            else:
                return

    def home(self) -> None:
        if self._away:
            _write(self._home, b"0")
            self._away = False

    def pids(self, key: str) -> list[int]:
        return [pid for path in _below(self.folder(key)) for pid in _listed(path)]

    def end(self, key: str) -> bool:
        """One step of killing all inside; true when the cgroup is empty and gone."""
        return self._end(self.folder(key))

    def end_all(self) -> bool:
        """One step for every attempt that left a cgroup here, and for their common parent."""
        try:
            names = [entry.name for entry in os.scandir(self.parent) if entry.is_dir()]
        except FileNotFoundError:
            return True
        gone = [self._end(os.path.join(self.parent, name)) for name in names]
        return all(gone) and self.leave()

    def leave(self) -> bool:
        """Remove the parent if nothing is in it."""
        try:
            os.rmdir(self.parent)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True

    def works(self) -> bool:
        """Make one, go in, come back, kill, remove."""
        probe = f"probe {os.getpid()}"
        try:
            self.enter(probe)
            self.home()
            control = "cgroup.kill" if self.kind == "cgroup2" else "freezer.state"
            _write(os.path.join(self.folder(probe), control), b"1" if self.kind == "cgroup2" else b"THAWED")
        except OSError:
            usable = False
        else:
            usable = True
        try:
            self.home()
        except OSError:
            usable = False
        gone = _removed(self.folder(probe))
        self.leave()
        return usable and gone

    def _end(self, path: str) -> bool:
        if _removed(path):
            return True
        try:
            if self.kind == "cgroup2":
                _write(os.path.join(path, "cgroup.kill"), b"1")
            else:
                _kill_frozen(path)
        except OSError:
            return not os.path.isdir(path)
        return _removed(path)


def cage_candidates(directory: str) -> list[Cage]:
    """Strongest first: the hierarchies of this host, at the cgroup this process is in."""
    found = []
    for kind in ("cgroup2", "freezer"):
        base = _own_cgroup(kind)
        if base is not None:
            found.append(Cage(kind, base, directory))
    return found


def remember_cage(directory: str, parent: str) -> None:
    """A successor or the guard may stand in another cgroup and would look elsewhere."""
    path = os.path.join(directory, "cgroup")
    left = [cage.parent for cage in remembered_cages(directory) if os.path.isdir(cage.parent)]
    with open(path + ".new", "wb") as file:
        file.write(b"\0".join(os.fsencode(one) for one in sorted({parent, *left})))
    os.replace(path + ".new", path)


def remembered_cages(directory: str) -> list[Cage]:
    found = []
    for parent in filter(None, read_small(os.path.join(directory, "cgroup")).split(b"\0")):
        base = os.path.dirname(os.fsdecode(parent))
        kind = "freezer" if os.path.exists(os.path.join(base, "tasks")) else "cgroup2"
        found.append(Cage(kind, base, directory))
    return found


def _own_cgroup(kind: str) -> str | None:
    for line in read_small("/proc/self/cgroup").decode("utf-8", "surrogateescape").splitlines():
        number, controllers, path = line.split(":", 2)
        if (number == "0" and not controllers) if kind == "cgroup2" else "freezer" in controllers.split(","):
            return _mounted(kind, path)
    return None


def _mounted(kind: str, path: str) -> str | None:
    """Where the hierarchy's cgroup of that path is to be seen."""
    for line in read_small("/proc/self/mountinfo").decode("utf-8", "surrogateescape").splitlines():
        before, _, after = line.partition(" - ")
        fields, tail = before.split(), after.split()
        hit = tail[0] == "cgroup2" if kind == "cgroup2" else tail[0] == "cgroup" and "freezer" in tail[-1].split(",")
        if not hit:
            continue
        root, point = (re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal.group(1), 8)), text) for text in fields[3:5])
        inside = os.path.relpath(path, root)
        if not inside.startswith(".."):
            return os.path.normpath(os.path.join(point, inside))
    return None


def _kill_frozen(path: str) -> None:
    """Stand still, kill, let die: nothing can be born in between."""
    state = os.path.join(path, "freezer.state")
    _write(state, b"FROZEN")
    try:
        until = time.monotonic() + 0.02
        while not read_small(state).startswith(b"FROZEN") and time.monotonic() < until:
            time.sleep(0.0005)
        for inner in _below(path):
            for pid in _listed(inner):
                signal_exactly(pid, signal.SIGKILL, lambda one, inner=inner: one in _listed(inner))  # type: ignore[misc]
    finally:
        _write(state, b"THAWED")


def _below(path: str) -> list[str]:
    """The cgroup and those that its processes made in it."""
    return [folder for folder, _, _ in os.walk(path)]


def _listed(path: str) -> list[int]:
    return [int(pid) for pid in read_small(os.path.join(path, "cgroup.procs")).split() if pid != b"0"]


def _removed(path: str) -> bool:
    """Removing it is the proof: the kernel refuses while anything lives inside."""
    try:
        os.rmdir(path)
    except FileNotFoundError:
        return True
    except OSError:
        pass
    else:
        return True
    for folder, _, _ in os.walk(path, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            return False
    return not os.path.isdir(path)


def _write(path: str, text: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text)
    finally:
        os.close(descriptor)
