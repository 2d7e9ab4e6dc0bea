"""A Runyard for the time of the demo: its own process, its own folder, nothing left of it afterwards."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

_STOPS_WITHIN: Final = 60.0
_STARTS_WITHIN: Final = 120.0


class DemoFailed(Exception):
    """Something is not as it should be; the sentence says what."""


class House:
    """A server in a temporary folder, invisible to the account it runs in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._errors = folder / "server.err"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNYARD_")}
        environment |= {"XDG_STATE_HOME": str(folder / "state"), "XDG_RUNTIME_DIR": ""}
        argv = [sys.executable, "-m", "runyard.entrypoints.cli", "up", "--port", "0", "--json"]
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [*argv, "--data-dir", str(folder / "data")],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # a Ctrl-C is for the demo, which then stops the server
            )

    def address(self) -> dict[str, Any]:
        """What the server says once it serves."""
        if self._process.stdout is None:
            raise DemoFailed("the server has no output to read its address from")
        too_late = threading.Timer(_STARTS_WITHIN, self._process.kill)
        too_late.start()
        line = self._process.stdout.readline()
        too_late.cancel()
        try:
            address: dict[str, Any] = json.loads(line)
        except ValueError:
            raise DemoFailed(f"the server did not start:\n{self._said()}") from None
        return address

    def stop(self) -> None:
        """Ctrl-C, and a look whether everything is gone; what is not is killed, and then the demo has failed."""
        self._process.send_signal(signal.SIGINT)
        try:
            code = self._process.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            code = None
        left = self._left()
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if code is None:
            raise DemoFailed(f"the server did not stop within {_STOPS_WITHIN:g} s")
        if code != 0:
            raise DemoFailed(f"the server ended with {code}:\n{self._said()}")
        if left:
            raise DemoFailed(f"processes were left running: {left}")

    def _said(self) -> str:
        return self._errors.read_text(errors="replace").strip()

    def _left(self) -> list[int]:
        end = time.monotonic() + _STOPS_WITHIN
        while (left := _processes_of(self._folder)) and time.monotonic() < end:
            time.sleep(0.05)
        return left


@contextmanager
def opened() -> Iterator[House]:
    """A house that is stopped and removed in any case."""
    folder = Path(tempfile.mkdtemp(prefix="runyard-demo-"))
    try:
        house = House(folder)
        try:
            yield house
        finally:
            house.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _processes_of(folder: Path) -> list[int]:
    """Everything that has the folder among its arguments or in its environment."""
    mark, found = str(folder).encode(), []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found
