"""Disks that are small, and full. Only root can have one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DiskUnavailable(Exception):
    """No small disk can be had here; the message says why."""


@contextmanager
def small_disk(folder: Path, size: int, **options: int) -> Iterator[Path]:
    """A file system of so many bytes in this folder, for the length of the block."""
    folder.mkdir()
    told = ",".join(f"{name}={value}" for name, value in {"size": size, **options}.items())
    mount = ["mount", "-t", "tmpfs", "-o", told, "runyard-test", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DiskUnavailable(done.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(ballast: Path, leave: int = 0) -> None:
    """Write until so many bytes are left, to the last one if it is none."""
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            while (found := os.statvfs(ballast)).f_bavail * found.f_frsize > leave or not leave:
                most = min(size, found.f_bavail * found.f_frsize - leave) if leave else size
                try:
                    file.write(bytes(most))
                except OSError:
                    break
