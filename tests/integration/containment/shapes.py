"""The trees that a supervisor must be able to end, as a list, and an oracle that knows whether one has ended."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

NASTY = Path(__file__).with_name("nasty.py")
PIDS = Path("/sys/fs/cgroup/pids")


@dataclass(frozen=True)
class Shape:
    name: str
    needs_root: bool = False
    needs_pids_cgroup: bool = False
    first_process_ends: bool = False  # and leaves the others behind
    settle: float = 0.1  # seconds from TOKEN.ready until it is as nasty as it gets

    def argv(self, token: Path, pids_cgroup: Path | None = None) -> list[str]:
        more = [str(pids_cgroup)] if self.needs_pids_cgroup else []
        return [sys.executable, "-S", "-E", "-B", str(NASTY), self.name, str(token), *more]

    def __str__(self) -> str:
        return self.name


SHAPES = (
    Shape("plain_child"),
    Shape("nohup"),
    Shape("ignores_term"),
    Shape("reparented_grandchild"),
    Shape("pid_namespace", needs_root=True),
    Shape("own_session"),
    Shape("double_fork_daemon"),
    Shape("daemon_left_behind", first_process_ends=True),
    Shape("holds_output", first_process_ends=True),
    Shape("stopped_in_own_session"),
    Shape("other_user", needs_root=True),
    Shape("own_subreaper"),
    Shape("emptied_environment"),
    Shape("emptied_environment_left_behind", first_process_ends=True),
    Shape("chaser", settle=0.3),
    Shape("chaser_with_emptied_environment", settle=0.3),
    Shape("fork_bomb", needs_root=True, needs_pids_cgroup=True, settle=0.5),
    Shape("flees_to_the_root_cgroup", needs_root=True, first_process_ends=True),
)


def reason_to_skip(shape: Shape) -> str | None:
    if shape.needs_root and os.geteuid() != 0:
        return f"{shape} needs root: NOT TESTED here"
    if shape.needs_pids_cgroup and not os.access(PIDS / "cgroup.procs", os.W_OK):
        return f"{shape} is only safe inside a pids cgroup of version 1, which this host does not have: NOT TESTED here"
    return None


def survives(token: Path) -> bool:
    """Whether any process of the tree is alive: exact, however short its processes live."""
    with token.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def holders(token: Path) -> list[int]:
    """Who has it open, as far as a walk through /proc shows."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            with suppress(OSError):
                if any(entry.readlink() == token for entry in (process / "fd").iterdir()):
                    found.append(int(process.name))
    return found


def is_ready(token: Path) -> bool:
    return Path(f"{token}.ready").exists()


def wait_ready(token: Path, shape: Shape, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not is_ready(token):
        assert time.monotonic() < until, f"{shape} never stood"
        time.sleep(0.01)
    time.sleep(shape.settle)


@contextmanager
def fresh_token(folder: Path, name: str) -> Iterator[Path]:
    """A token whose holders are killed afterwards, whatever the test did."""
    token = folder.resolve() / f"{name}.token"
    token.touch()
    token.chmod(0o644)
    try:
        yield token
    finally:
        until = time.monotonic() + 30
        while survives(token) and time.monotonic() < until:
            for pid in holders(token):
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)


@contextmanager
def bounded_pids(name: str, limit: int = 150) -> Iterator[Path]:
    """A pids cgroup of version 1, emptied afterwards; and by a process of its own if this one is killed."""
    cgroup = PIDS / f"runyard-test-{name}-{os.getpid()}"
    cgroup.mkdir()
    (cgroup / "pids.max").write_text(str(limit), encoding="ascii")
    reading, writing = os.pipe()
    cleaner = os.posix_spawn(
        sys.executable,
        [sys.executable, "-S", "-E", str(Path(__file__).with_name("cleaner.py")), str(cgroup)],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, reading, 0)],
        setsid=True,
    )
    os.close(reading)
    try:
        yield cgroup
    finally:
        os.close(writing)
        os.waitpid(cleaner, 0)
        assert not cgroup.exists(), f"{cgroup} could not be emptied"
