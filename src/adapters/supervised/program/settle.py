"""Out of the cgroup of a service: its manager kills what is in there when the service stops."""

from __future__ import annotations

import contextlib
import os

_NAME = "runyard-supervisor"


def settle() -> None:
    """Move to a cgroup beside the service, in each hierarchy a service manager may use, as far as that is allowed."""
    with open("/proc/self/cgroup", "rb") as file:
        lines = file.read().decode("utf-8", "surrogateescape").splitlines()
    for line in lines:
        _, controllers, path = line.split(":", 2)
        beside = beside_service(path)
        if beside is not None and controllers in ("", "name=systemd"):
            for point in _mounts(controllers):
                with contextlib.suppress(OSError):
                    _move(point + beside)


def beside_service(path: str) -> str | None:
    """Where one is safe that is in this cgroup now; None: where it is."""
    parts = path.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        name = parts[depth]
        if name.endswith(".service") and not name.startswith("user@"):
            return "/".join([*parts[:depth], _NAME])
    return None


def _mounts(controllers: str) -> list[str]:
    found = []
    with open("/proc/self/mountinfo", "rb") as file:
        for line in file.read().decode("utf-8", "surrogateescape").splitlines():
            before, _, after = line.partition(" - ")
            kind, _, options = after.split(" ", 2)
            root, point = before.split()[3:5]
            hit = kind == "cgroup2" if not controllers else kind == "cgroup" and "name=systemd" in options
            if hit and root == "/":
                found.append(point)
    return found


def _move(folder: str) -> None:
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder)
    with open(os.path.join(folder, "cgroup.procs"), "wb", buffering=0) as file:
        file.write(b"0")
