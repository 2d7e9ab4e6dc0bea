"""The local way: the supervisor of a directory on this machine, started if there is none."""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ...application.ports.executor import HostUnreachable
from .bundle import bundle
from .client import Connection
from .executor import SupervisedExecutor
from .replacing import replaced
from .streams import SocketStream

_START_SECONDS: Final = 40.0
_DYING_SECONDS: Final = 2.0


def local_executor(
    directory: Path, *, python: str = sys.executable, containment: str | None = None
) -> SupervisedExecutor:
    """The executor of this machine whose supervisor lives in that directory, now or from the first call on."""
    return SupervisedExecutor(LocalPipe(directory.absolute(), python, containment))


class LocalPipe:
    """Connects to the supervisor's socket; only one of all who try starts a supervisor."""

    def __init__(self, directory: Path, python: str, containment: str | None) -> None:
        self._directory = directory
        self._python = python
        self._containment = containment

    def __call__(self, wake: int) -> Connection:
        """A new connection. One that is dying still accepts for a moment, so only an answer counts."""
        until = time.monotonic() + _DYING_SECONDS
        while True:
            try:
                self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
                connection = Connection(SocketStream(self._reach() or self._reach_started()), wake)
            except OSError as error:
                raise HostUnreachable(f"no supervisor can be had in {self._directory}: {error.strerror}") from error
            try:
                if not replaced(connection, f"in {self._directory}"):
                    return connection
            except HostUnreachable:
                connection.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)

    def lives(self) -> bool:
        """Whether somebody answers at the socket."""
        try:
            channel = self._reach()
        except OSError:
            return False
        if channel is not None:
            channel.close()
        return channel is not None

    def _reach(self) -> socket.socket | None:
        """A socket's path has at most 107 bytes, a directory's any number: go by the descriptor."""
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        folder = os.open(self._directory, os.O_PATH | os.O_DIRECTORY)
        try:
            channel.connect(f"/proc/self/fd/{folder}/sock")
        except (FileNotFoundError, ConnectionRefusedError):
            channel.close()
            return None
        except OSError:
            channel.close()
            raise
        finally:
            os.close(folder)
        return channel

    def _reach_started(self) -> socket.socket:
        with self._sole_starter():
            until = time.monotonic() + _START_SECONDS
            started = 0.0
            while (channel := self._reach()) is None:
                now = time.monotonic()
                if now > until:
                    raise HostUnreachable(f"the supervisor in {self._directory} does not begin; see its file err")
                if now - started > 2.0:  # one that is just leaving keeps the next from starting
                    self._start()
                    started = now
                time.sleep(0.005)
            return channel

    @contextmanager
    def _sole_starter(self) -> Iterator[None]:
        with (self._directory / "start.lock").open("a") as file:
            os.fchmod(file.fileno(), 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _start(self) -> None:
        program = self._installed()
        arguments = [self._python, "-I", "-S", str(program), "serve", str(self._directory)]
        with (self._directory / "err").open("ab") as err:
            os.fchmod(err.fileno(), 0o600)
            began = subprocess.run(
                [*arguments, *([self._containment] if self._containment else [])],
                stdin=subprocess.DEVNULL,
                stdout=err,
                stderr=err,
                cwd=self._directory,
                start_new_session=True,
                check=False,
            )
        if began.returncode:
            raise HostUnreachable(f"the supervisor in {self._directory} does not begin; see its file err")

    def _installed(self) -> Path:
        name, text = bundle()
        path = self._directory / name
        if not path.exists():
            for old in self._directory.glob("supd-*"):
                old.unlink(missing_ok=True)
            new = path.with_name(f"{name}.{os.getpid()}")
            with new.open("w", encoding="utf-8") as file:
                new.chmod(0o600)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.rename(path)
        return path
