"""Begin as a supervisor, or as its guard: on our own, with nothing of whoever started us."""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import select
import signal
import socket
import sys
import time
import uuid

from . import frames, guard
from .book import Book
from .contain import choose
from .guarding import Guarding
from .host import Host
from .recover import recover
from .secret_files import remove_all
from .server import IDLE, Server
from .settle import settle
from .spawn import Spawner

_PR_SET_CHILD_SUBREAPER = 36
_LEAVING_SECONDS = 1.5


def main(arguments: list[str]) -> int:
    """`serve DIR [LEVEL|auto [IDLE]]`, `guard DIR`, or `level DIR`, which prints the containment that can be had."""
    if arguments[0] == "guard":
        guard.main(arguments[1])
        return 0
    if arguments[0] == "level":
        sys.stdout.write(choose(arguments[1], None).name)
        return 0
    level, idle = [*arguments[2:], *("auto", str(IDLE))[len(arguments) - 2 :]]
    return serve(arguments[1], None if level == "auto" else level, float(idle))


def serve(directory: str, level: str | None, idle: float) -> int:
    """Become the supervisor of a directory, to the end of this process; 0 also if it has one already."""
    ready = _detach()
    umask = os.umask(0o077)
    lock = os.open(os.path.join(directory, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not _locked(lock):
        os.write(ready, b"1")
        return 0
    os.chmod(directory, 0o700)
    os.chdir(directory)
    for folder in ("o", "a"):
        os.makedirs(folder, 0o700, exist_ok=True)
    settle()
    nofile = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (nofile[1], nofile[1]))
    sys.setswitchinterval(0.0005)
    guarding = Guarding(directory, os.path.abspath(sys.argv[0]))
    server, host = _assemble(directory, level, Spawner(directory, umask, nofile), guarding)
    server.idle = idle
    os.write(ready, b"1")
    os.close(ready)
    server.run()
    os.unlink("sock")
    remove_all(directory)
    host.live.leave()
    guarding.dismiss()
    os._exit(0)  # the kernel closes the connections, when nothing of this process is left to be seen


def _locked(lock: int) -> bool:
    """Whether the directory is ours; one that is just leaving is waited for."""
    until = time.monotonic() + _LEAVING_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.005)
        else:
            return True


def _assemble(directory: str, level: str | None, spawner: Spawner, guarding: Guarding) -> tuple[Server, Host]:
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot_id = file.read().strip()
    book = Book(directory, boot_id)
    recover(directory, book)
    epoll = select.epoll()
    host = Host(directory, book, choose(directory, level), spawner, epoll)
    words = {
        "version": frames.VERSION,
        "program": os.path.basename(sys.argv[0]),
        "pid": os.getpid(),
        "nonce": uuid.uuid4().hex,
        "boot_id": boot_id,
        "containment": host.level.name,
    }
    return Server(host, epoll, _listen(), words, guarding), host


def _listen() -> socket.socket:
    """The socket, named relative to the directory: a full path may be too long for one."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if os.path.exists("sock.new"):
        os.unlink("sock.new")
    listener.bind("sock.new")
    listener.listen(64)
    listener.setblocking(False)
    os.rename("sock.new", "sock")
    return listener


def _detach() -> int:
    """Become a process of nobody. Whoever started us waits for a byte in the descriptor, or for our early end."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        os._exit(0 if os.read(reading, 1) else 1)
    os.close(reading)
    os.setsid()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return writing
