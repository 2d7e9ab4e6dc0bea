"""The thread that syncs: whatever was asked for meanwhile is made durable by one round."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import Callable, List, Tuple

from .journal import Journal, sync_directory

_AGAIN_SECONDS = 1.0
_Wanted = List[Tuple[List[str], Callable[[], None]]]
_Round = Tuple[int, List[int], List[str], _Wanted]


class Sync:
    """Asked from the loop's thread; what is durable comes back through `done`, in order, after a byte on `ready`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._wanted: _Wanted = []
        self._rounds: list[_Round] = []
        self._done: list[Callable[[], None]] = []
        self._lock = threading.Condition()
        self.ready, self._ring = os.pipe()
        os.set_blocking(self.ready, False)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def want(self, files: list[str], then: Callable[[], None]) -> None:
        """Call `then`, from `done`, when these files and all the journal holds by now are durable."""
        self._wanted.append((files, then))

    def flush(self) -> None:
        """Hand over what was asked for since, to be synced as soon as the thread is free."""
        if not self._wanted:
            return
        descriptor, full, doomed = self._journal.due()
        wanted, self._wanted = self._wanted, []
        with self._lock:
            self._rounds.append((descriptor, full, doomed, wanted))
            self._lock.notify()

    def done(self) -> list[Callable[[], None]]:
        """What became durable since; the loop calls each."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.ready, 65536)
        with self._lock:
            done, self._done = self._done, []
        return done

    def _run(self) -> None:
        while True:
            with self._lock:
                while not self._rounds:
                    self._lock.wait()
                rounds, self._rounds = self._rounds, []
            self._make_durable(rounds)
            with self._lock:
                self._done += [then for _, _, _, wanted in rounds for _, then in wanted]
            os.write(self._ring, b"\0")

    def _make_durable(self, rounds: list[_Round]) -> None:
        """Until it works: a disk that fails may come back, and without this thread no attempt starts or ends."""
        told = False
        while True:
            try:
                _sync(rounds)
                break
            except OSError as error:
                if not told:
                    sys.stderr.write(f"cannot sync, trying again: {error.strerror}\n")
                    sys.stderr.flush()
                    told = True
            time.sleep(_AGAIN_SECONDS)
        for _, full, doomed, _ in rounds:
            for descriptor in full:
                os.close(descriptor)
            for path in doomed:
                with contextlib.suppress(OSError):
                    os.unlink(path)


def _sync(rounds: list[_Round]) -> None:
    for _, full, _, wanted in rounds:
        for files, _ in wanted:
            _sync_files(files)
        for descriptor in full:
            os.fdatasync(descriptor)
    os.fdatasync(rounds[-1][0])


def _sync_files(paths: list[str]) -> None:
    for folder in {os.path.dirname(path) for path in paths}:
        with contextlib.suppress(FileNotFoundError):  # the whole directory was removed
            sync_directory(folder)
    for path in paths:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # acknowledged meanwhile
            continue
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
