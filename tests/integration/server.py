"""A real `runyard up` in a process of its own, in an account of its own as far as folders go."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.library import connect

_PORTS = range(20_000, 32_000)
"""Below those that connections are given, so that a port is still free when its server comes back."""
SERVERS: list["Server"] = []
"""Those made and not yet judged after their end, see the fixture `all_is_well`."""


class Server:
    """Starts, kills and restarts the server of one data directory; `close` leaves nothing behind."""

    def __init__(
        self, folder: Path, *options: str, program: str = "runyard.entrypoints.cli", **environment: str
    ) -> None:
        self.data_dir = folder / "data"
        self._options, self._program = options, program
        self.environment = {
            **os.environ,
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_RUNTIME_DIR": str(folder / "none"),
            "HOME": str(folder),
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None
        self.address: dict[str, Any] = {}
        self._port = "0"
        self.err = (folder / "server.err").open("a+")
        SERVERS.append(self)

    @property
    def database(self) -> Path:
        """Where its store is."""
        return self.data_dir / "runyard.db"

    @property
    def closed(self) -> bool:
        """Whether nobody will start it any more."""
        return self.err.closed

    def start(self) -> None:
        """Start it and read where it is."""
        arguments = ["up", "--data-dir", str(self.data_dir), "--port", self._port, "--json", *self._options]
        self.process = subprocess.Popen(
            [sys.executable, "-m", self._program, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self.err,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the server did not start: {self.errors()}"
        self.address = json.loads(line)

    def keep_address(self) -> None:
        """It will start at the same address each time."""
        assert self.process is None, "it has an address already"
        self._port = str(free_port())

    def client(self, *, patience: float = 60.0) -> Client:
        """A client of the server as it is now: one that is killed comes back at another address."""
        return connect(self.address["url"], token_file=self.address["token_file"], patience=patience)

    def kill(self) -> None:
        """Kill -9, at once."""
        self._end(signal.SIGKILL)

    def send(self, number: int) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        return self._end(signal.SIGINT)

    def errors(self) -> str:
        """What it said on standard error."""
        self.err.seek(0)
        return self.err.read()

    def close(self) -> None:
        """Stop it if it runs; start and stop once more if it was killed, so that its supervisor leaves too."""
        if self.process is None:
            self.start()
        self.stop()
        self.err.close()

    def _end(self, number: int) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code


def free_port() -> int:
    """A port that nobody listens on, and that no connection is given."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311 - no secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def until(true: Callable[[], object], seconds: float = 60) -> None:
    """Returns when it is true; fails when that takes too long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def processes_with(token: str) -> list[int]:
    """The processes that have this text in their environment or arguments, zombies left out."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if token.encode() in told:
            found.append(int(entry.name))
    return found


def arguments_of(pid: int) -> bytes:
    """Its command line, each word with a zero byte behind it; nothing once it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
