"""One tree that does not want to end: `python nasty.py SHAPE TOKEN [PIDS_CGROUP]`.

The first process opens TOKEN and takes a shared flock on it. Every process of the tree inherits that open file, so the
lock is free again exactly when the last one is dead, whatever it did to its environment, session, user or parents.
TOKEN.ready appears when the tree stands.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def rest() -> None:
    while True:
        time.sleep(3600)


def ready() -> None:
    Path(sys.argv[2] + ".ready").touch()


def stand() -> None:
    ready()
    rest()


def stand_apart() -> None:
    os.setsid()
    stand()


def child(run: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        run()
    finally:
        os._exit(1)


def sleeper() -> None:
    """Another program, with what this process left in the environment."""
    subprocess.Popen(["/bin/sleep", "3600"], close_fds=False)


def daemon(environment: dict[str, str] | None = None) -> None:
    """Fork, new session, fork, and another program."""

    def leader() -> None:
        os.setsid()
        child(exec_rest)
        os._exit(0)

    def exec_rest() -> None:
        again = [sys.executable, "-S", "-E", __file__, "stand", sys.argv[2]]
        os.execve(again[0], again, os.environ if environment is None else environment)  # noqa: S606 - the shape itself

    os.waitpid(child(leader), 0)


def plain_child() -> None:
    sleeper()
    stand()


def nohup() -> None:
    child(lambda: os.execv("/bin/sh", ["sh", "-c", "nohup sleep 3600 >/dev/null 2>&1 & wait"]))  # noqa: S606 - the shape itself
    stand()


def ignores_term() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sleeper()
    stand()


def reparented_grandchild() -> None:
    def parent() -> None:
        sleeper()
        os._exit(0)

    os.waitpid(child(parent), 0)
    stand()


def pid_namespace() -> None:
    script = 'sleep 3600 & touch "$1.ready"; wait'
    os.execvp("unshare", ["unshare", "--pid", "--fork", "sh", "-c", script, "sh", sys.argv[2]])  # noqa: S606 - the shape itself


def own_session() -> None:
    child(stand_apart)
    rest()


def double_fork_daemon() -> None:
    daemon()
    rest()


def daemon_left_behind() -> None:
    daemon()
    wait_ready()


def holds_output() -> None:
    child(stand_apart)
    wait_ready()


def stopped_in_own_session() -> None:
    def stopped() -> None:
        os.setsid()
        sleeper()
        ready()
        os.kill(os.getpid(), signal.SIGSTOP)
        rest()

    child(stopped)
    rest()


def other_user() -> None:
    def become() -> None:
        os.setsid()
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        sleeper()
        rest()

    child(become)
    time.sleep(0.1)
    stand()


def own_subreaper() -> None:
    def reaper() -> None:
        os.setsid()
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        daemon()
        rest()

    child(reaper)
    rest()


def emptied_environment() -> None:
    daemon({})
    rest()


def emptied_environment_left_behind() -> None:
    daemon({})
    wait_ready()


def chaser() -> None:
    """Every process forks the next, in a session of its own, and is gone within a millisecond."""

    def run() -> None:
        ready()
        while True:
            try:
                if os.fork():
                    os._exit(0)
            except OSError:
                continue
            os.setsid()

    child(run)
    if sys.argv[1] == "chaser":
        rest()


def chaser_with_emptied_environment() -> None:
    daemon_arguments = [sys.executable, "-S", "-E", __file__, "chaser_left_behind", sys.argv[2]]
    child(lambda: os.execve(daemon_arguments[0], daemon_arguments, {}))  # noqa: S606 - the shape itself
    rest()


def fork_bomb() -> None:
    """Twice as many each round, up to the limit of a pids cgroup that the test made for it."""
    (Path(sys.argv[3]) / "cgroup.procs").write_text("0", encoding="ascii")
    ready()
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.001)


def flees_to_the_root_cgroup() -> None:
    """A job of root's that leaves every cgroup it was put into, with a child elsewhere."""

    def flee() -> None:
        os.setsid()
        for root in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup", "/sys/fs/cgroup/freezer"):
            with suppress(OSError):
                (Path(root) / "cgroup.procs").write_text("0", encoding="ascii")
        stand()

    child(flee)
    wait_ready()


def wait_ready() -> None:
    """The first process ends as soon as the others stand."""
    while not Path(sys.argv[2] + ".ready").exists():
        time.sleep(0.005)


if __name__ == "__main__":
    if sys.argv[1] not in ("stand", "chaser_left_behind"):
        held = os.open(sys.argv[2], os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_SH)
        os.set_inheritable(held, True)
    {**globals(), "chaser_left_behind": chaser}[sys.argv[1]]()
