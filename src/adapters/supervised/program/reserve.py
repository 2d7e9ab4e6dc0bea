"""Room on the disk that is kept for the ends of attempts: given back piece by piece when there is no other."""

from __future__ import annotations

import contextlib
import os

_PIECE = 128 << 10  # more than the largest record of an end needs
_SIZE = 8 * _PIECE


class Reserve:
    """One file. What it is worth is decided by who else writes to that disk; whoever needs a piece asks again."""

    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, "reserve")
        self._held = 0
        self.keep()

    def spend(self) -> bool:
        """Give a piece back; False: there is none left."""
        if self._held == 0:
            return False
        self._held -= _PIECE
        try:
            os.truncate(self._path, self._held)
        except OSError:  # somebody removed it
            self._held = 0
        return True

    def keep(self) -> None:
        """Take back what was given, if the disk has so much room."""
        if self._held == _SIZE:
            return
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, _SIZE)
                self._held = _SIZE
            except OSError:
                os.ftruncate(descriptor, self._held)  # what it got of a disk that has too little is no use to it
            finally:
                os.close(descriptor)
