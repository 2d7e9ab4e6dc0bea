"""Secrets as files, and what a job that has secrets reports: in memory where the host has a file system in memory, for
their account alone, until the end.

The folder belongs to one supervisor directory, so that whoever comes after a dead supervisor finds what it left.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import threading
from typing import Iterable

REPORT = ".report"  # no variable is called so
_IN_MEMORY = "/dev/shm"  # noqa: S108 - a folder there is ours alone, or it is not used


def write(directory: str, name: str, contents: dict[str, str]) -> dict[str, str]:
    """A file for each; their paths by the same names, and the one to report to. `OSError` if one cannot be written."""
    folder = os.path.join(_folder(directory), name)
    os.mkdir(folder, 0o700)
    paths = {REPORT: os.path.join(folder, REPORT)}
    for variable, text in contents.items():
        paths[variable] = path = os.path.join(folder, variable)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
    return paths


def remove(directory: str, name: str, variables: Iterable[str]) -> None:
    """Those of one attempt, at once; what the job put beside them goes a little later."""
    for folder in (os.path.join(each, name) for each in _folders(directory)):
        for variable in (*variables, REPORT):
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, variable))
        with contextlib.suppress(OSError):
            os.rmdir(folder)
        if os.path.lexists(folder):
            threading.Thread(target=shutil.rmtree, args=(folder,), kwargs={"ignore_errors": True}, daemon=True).start()


def remove_all(directory: str) -> None:
    """All of them: nothing runs that could need any."""
    for folder in _folders(directory):
        if _ours(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _folders(directory: str) -> tuple[str, str]:
    real = os.path.realpath(directory)
    mark = hashlib.sha256(real.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return os.path.join(_IN_MEMORY, f"runyard-{os.getuid()}-{mark}"), os.path.join(real, "secrets")


def _folder(directory: str) -> str:
    """Where to write: the one in memory, if it is there and nobody else's."""
    in_memory, on_disk = _folders(directory)
    if _is_memory():
        with contextlib.suppress(OSError):
            os.mkdir(in_memory, 0o700)
        if _ours(in_memory):
            return in_memory
    with contextlib.suppress(FileExistsError):
        os.mkdir(on_disk, 0o700)
    return on_disk


def _ours(folder: str) -> bool:
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _is_memory() -> bool:
    try:
        with open("/proc/self/mounts", "rb") as file:
            mounts = [line.split()[1:3] for line in file]
    except OSError:
        return False
    return [os.fsencode(_IN_MEMORY), b"tmpfs"] in mounts
