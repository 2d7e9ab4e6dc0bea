"""Between a channel and the supervisor of a directory, which is started here if there is none.

Answers in lines of JSON until it has said `connected`; from then on it carries bytes both ways, until either side ends.
`asked`: `directory`, `program` (the file name, which holds the hash of its text), `size` of that text, `start`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import select
import socket
import subprocess
import sys
import time
from typing import Any, Iterator

START_SECONDS = 40.0
AGAIN_SECONDS = 2.0
AT_ONCE = 1 << 18


def main(text: str) -> None:
    """Connect as asked."""
    asked = json.loads(text)
    directory = os.path.expanduser(asked["directory"])
    try:
        if asked["start"]:
            os.makedirs(directory, 0o700, exist_ok=True)
            os.chmod(directory, 0o700)
        channel = reach(directory)
        if channel is None and asked["start"]:
            channel = reach_started(directory, asked)
    except OSError as error:
        say(state="failed", why=f"{error.filename or directory}: {error.strerror}")
        return
    if channel is None:
        say(state="absent")
        return
    say(state="connected")
    carry(channel)


def say(**told: Any) -> None:
    """One line."""
    write_all(1, json.dumps(told).encode("ascii") + b"\n")


def write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def reach(directory: str) -> socket.socket | None:
    """The supervisor's socket, if somebody answers. Its path may be too long, so go by the descriptor."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            channel.connect(f"/proc/self/fd/{folder}/sock")
        finally:
            os.close(folder)
    except (FileNotFoundError, ConnectionRefusedError):
        channel.close()
        return None
    return channel


def reach_started(directory: str, asked: dict[str, Any]) -> socket.socket:
    """Start one and connect to it; only one of all who try does."""
    with sole_starter(directory):
        until = time.monotonic() + START_SECONDS
        started = 0.0
        while True:
            channel = reach(directory)
            if channel is not None:
                return channel
            now = time.monotonic()
            if now > until:
                raise OSError(0, "the supervisor does not begin", os.path.join(directory, "err"))
            if now - started > AGAIN_SECONDS:
                start(directory, installed(directory, asked))
                started = now
            time.sleep(0.005)


@contextlib.contextmanager
def sole_starter(directory: str) -> Iterator[None]:
    lock = os.open(os.path.join(directory, "start.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def installed(directory: str, asked: dict[str, Any]) -> str:
    """The program's path. It is asked for if it is not there as it should be; nobody else runs one here now."""
    path = os.path.join(directory, asked["program"])
    if not as_named(path):
        say(state="program")
        text = read_exactly(asked["size"])
        for name in os.listdir(directory):
            if name.startswith("supd-"):
                os.unlink(os.path.join(directory, name))
        new = f"{path}.{os.getpid()}"
        with open(new, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.rename(new, path)
    return path


def as_named(path: str) -> bool:
    """Whether the file is there, and is what its name says."""
    try:
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return False
    return os.path.basename(path) == f"supd-{digest[:16]}.py"


def read_exactly(size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        more = os.read(0, size - len(data))
        if not more:
            sys.exit(1)
        data += more
    return bytes(data)


def start(directory: str, program: str) -> None:
    """It detaches itself from us, from the channel and from the session before this returns."""
    with open(os.path.join(directory, "err"), "ab") as err:
        os.fchmod(err.fileno(), 0o600)
        began = subprocess.run(
            [sys.executable, "-I", "-S", program, "serve", directory],
            stdin=subprocess.DEVNULL,
            stdout=err,
            stderr=err,
            cwd=directory,
            start_new_session=True,
            check=False,
        )
    if began.returncode:
        raise OSError(0, "the supervisor does not begin", os.path.join(directory, "err"))


def carry(channel: socket.socket) -> None:
    """Bytes both ways; what one side does not take is not read from the other."""
    for descriptor in (0, 1, channel.fileno()):
        os.set_blocking(descriptor, False)
    inward, outward = Pipe(0, channel.fileno()), Pipe(channel.fileno(), 1)
    try:
        while True:
            pipes = (inward, outward)
            reading = [pipe.source for pipe in pipes if not pipe.data]
            writing = [pipe.target for pipe in pipes if pipe.data]
            readable, writable, _ = select.select(reading, writing, [])
            for pipe in pipes:
                if pipe.source in readable and not pipe.data:
                    pipe.take()
                elif pipe.target in writable:
                    pipe.give()
    except (OSError, EOFError):
        return


class Pipe:
    """One direction."""

    def __init__(self, source: int, target: int) -> None:
        self.source, self.target = source, target
        self.data = memoryview(b"")

    def take(self) -> None:
        """Read some, and try at once to pass it on; `EOFError` at the end."""
        try:
            self.data = memoryview(os.read(self.source, AT_ONCE))
        except BlockingIOError:
            return
        if not self.data:
            raise EOFError
        self.give()

    def give(self) -> None:
        """Pass on what the other side takes."""
        try:
            while self.data:
                self.data = self.data[os.write(self.target, self.data) :]
        except BlockingIOError:
            return
