"""How much room a file system has left."""

import os
from pathlib import Path

from ...application.ports.room import StorageFull

_MEBIBYTE = 1 << 20


class FreeSpace:
    """Counts what an account without privileges may still use. What cannot be asked is not refused."""

    def __init__(self, folder: Path, *, least_bytes: int, least_inodes: int) -> None:
        self._folder = folder
        self._least_bytes = least_bytes
        self._least_inodes = least_inodes

    def require(self) -> None:
        """`StorageFull` below either floor."""
        try:
            found = os.statvfs(self._folder)
        except OSError:
            return
        free = found.f_bavail * found.f_frsize
        if free < self._least_bytes:
            raise StorageFull(
                f"{self._folder} has {free // _MEBIBYTE} MiB left, and nothing is accepted below "
                f"{self._least_bytes // _MEBIBYTE} MiB (RUNYARD_MIN_FREE_BYTES); free some space, and submit again"
            )
        if found.f_files and found.f_favail < self._least_inodes:
            raise StorageFull(
                f"{self._folder} has room for {found.f_favail} more files, and nothing is accepted below "
                f"{self._least_inodes} (RUNYARD_MIN_FREE_INODES); remove some files, and submit again"
            )
