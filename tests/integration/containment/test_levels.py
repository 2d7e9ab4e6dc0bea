"""Choosing a level, marks, and what is said when something cannot be known; in processes that play the supervisor."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from runyard.adapters.supervised.program.cgroups import Cage
from runyard.adapters.supervised.program.contain import NotContainable, choose
from runyard.adapters.supervised.program.marks import MARK_SLOTS, mark_in, mark_of

from .shapes import SHAPES, fresh_token, survives
from .test_containment import ended

UNIFIED = Path("/sys/fs/cgroup/unified" if Path("/sys/fs/cgroup/unified").is_dir() else "/sys/fs/cgroup")
# Nobody, who may look at files though: the interpreter may lie in a home that is closed to others.
LOOK = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *LOOK)
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else: NOT TESTED here")

PLAY = """
import os, signal, sys, time
from runyard.adapters.supervised.program.contain import choose
signal.alarm(100)
level = choose(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)

def spawn(key, script):
    level.enter(key)
    pid = os.posix_spawn(sys.executable, [sys.executable, "-S", "-c", script], os.environ, setsid=True)
    level.started(key, pid)
    return pid

def reap():
    try:
        while (pid := os.waitpid(-1, os.WNOHANG)[0]):
            level.reaped(pid)
    except ChildProcessError:
        pass

def end(key):
    while (answer := level.kill(key)) is False:
        reap()
        time.sleep(0.002)
    reap()
    return answer

def until(true):
    limit = time.monotonic() + 60
    while not true():
        assert time.monotonic() < limit, "waited in vain"
        reap()
        time.sleep(0.01)
"""


def played(script: str, *arguments: str, under: tuple[str, ...] = ()) -> str:
    """What a stand-in for the supervisor prints."""
    process = subprocess.run(
        [*under, sys.executable, "-c", PLAY + script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


def test_an_unknown_level_is_refused_by_name(tmp_path: Path):
    with pytest.raises(NotContainable, match="cgroup2, freezer, subreaper, group"):
        choose(str(tmp_path), "chroot")


def test_a_key_never_becomes_a_path():
    cage = Cage("cgroup2", "/base", "/somewhere")
    folders = {cage.folder(key) for key in ("a/1", "../1", "../../etc/1", "a_1", "\0/1", "x" * 300, "ä/1")}

    assert len(folders) == 7
    assert {str(Path(folder).parent) for folder in folders} == {cage.parent}
    assert all(len(Path(folder).name) < 100 for folder in folders)


def test_two_directories_never_share_a_mark_or_a_cgroup():
    assert mark_of("/a", "k/1") != mark_of("/b", "k/1")
    assert Cage("cgroup2", "/base", "/a").parent != Cage("cgroup2", "/base", "/b").parent


def test_the_mark_survives_exec_a_new_session_and_an_emptied_environment_and_the_supervisor_takes_it_off(
    tmp_path: Path,
):
    shown = played(
        """
import resource
inner = "import os; os.execve('/bin/sh', ['sh', '-c', 'setsid sleep 30 & grep locks /proc/$!/limits; kill $!'], {})"
pid = spawn("k/1", inner)
level.home()
print("own", resource.getrlimit(10)[0], flush=True)
until(lambda: not os.path.exists(f"/proc/{pid}"))
end("k/1")
""",
        str(tmp_path),
        "subreaper",
    )
    line, own = sorted(shown.splitlines())  # nothing tells which of them writes first
    assert own == f"own {resource.RLIM_INFINITY}"
    assert line.split()[3] == str(mark_of(os.path.realpath(tmp_path), "k/1"))
    assert mark_in(os.getpid(), MARK_SLOTS[0]) == resource.RLIM_INFINITY


def test_the_jobs_of_a_supervisor_inside_an_attempt_belong_to_that_attempt_too(tmp_path: Path):
    """The inner supervisor dies first, and its jobs come to the outer one as orphans with two marks."""
    with fresh_token(tmp_path, "inner") as token:
        inner = f"""
import os, sys, time, fcntl
sys.path.insert(0, {str(Path.cwd())!r})
from runyard.adapters.supervised.program.contain import choose
level = choose({str(tmp_path / "inner")!r}, "subreaper")
level.enter("i/1")
pid = os.fork()
if pid == 0:
    os.setsid()
    held = os.open({str(token)!r}, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)
    open({str(token) + ".ready"!r}, "w").close()
level.home()
time.sleep(60)
"""
        (tmp_path / "inner").mkdir()
        answer = played(
            f"""
spawn("o/1", {inner!r})
level.home()
until(lambda: os.path.exists({str(token) + ".ready"!r}))
print(end("o/1"))
""",
            str(tmp_path),
            "subreaper",
        )
        assert answer == "True"
        assert not survives(token)


def test_a_process_that_took_its_mark_off_and_left_is_killed_or_unknown_but_never_called_gone(tmp_path: Path):
    with fresh_token(tmp_path, "hidden") as token:
        hide = f"""
import os, time, fcntl, resource
os.closerange(1, 3)
held = os.open({str(token)!r}, os.O_RDONLY)
fcntl.flock(held, fcntl.LOCK_SH)
resource.setrlimit(10, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
if os.fork():
    os._exit(0)
os.setsid()
first = os.getpid()
if os.fork():
    os._exit(0)
while os.getppid() == first:
    time.sleep(0.01)  # until its parent is gone, which rings for nobody
open({str(token) + ".ready"!r}, "w").close()
time.sleep(60)
"""
        answer = played(
            f"""
pid = spawn("h/1", {hide!r})
level.home()
until(lambda: os.path.exists({str(token) + ".ready"!r}) and not os.path.exists(f"/proc/{{pid}}"))
print(end("h/1"))
later = spawn("l/1", "import time; time.sleep(60)")
level.home()
print(end("l/1"))
""",
            str(tmp_path),
            "subreaper",
        )
        hidden, later = answer.splitlines()
        assert hidden == "None"
        assert survives(token)
        assert later == "True", "what began before an attempt is none of it, and spoils nothing"


def test_signals_reach_every_process_of_the_tree_and_no_other(tmp_path: Path):
    answer = played(
        """
import signal
tree = "import os, time; os.fork() or os.setsid(); os.fork(); time.sleep(60)"
first, other = spawn("a/1", tree), spawn("b/1", tree)
level.home()

def states(key):
    stats = []
    for pid, _ in level._members(key):
        try:
            stats.append(open(f"/proc/{pid}/stat").read())
        except OSError:
            pass
    return "".join(sorted(stat.rsplit(")", 1)[1].split()[0] for stat in stats))

until(lambda: states("a/1") == states("b/1") == "SSSS")
level.signal("a/1", signal.SIGSTOP)
until(lambda: states("a/1") == "TTTT")
print(states("b/1"))
level.signal("a/1", signal.SIGCONT)
until(lambda: states("a/1") == "SSSS")
level.signal("a/1", signal.SIGTERM)
until(lambda: states("a/1") == "")
print(states("b/1"))
print(end("a/1"), end("b/1"))
""",
        str(tmp_path),
    )
    assert answer.splitlines() == ["SSSS", "SSSS", "True True"]


@AS_ROOT
def test_a_user_without_rights_gets_a_subreaper_and_may_not_force_a_cgroup(open_path: Path):
    assert played("print(level.name)", str(open_path), under=NOBODY) == "subreaper"
    with pytest.raises(AssertionError, match="does not work on this host"):
        played("", str(open_path), "cgroup2", under=NOBODY)


@AS_ROOT
def test_a_user_with_a_subtree_of_their_own_gets_a_cgroup_per_attempt(open_path: Path):
    with delegated() as cgroup:
        enter = ("sh", "-c", f'echo 0 > {cgroup}/cgroup.procs && exec "$@"', "sh", *NOBODY)
        script = 'spawn("u/1", "import time; time.sleep(60)"); level.home(); print(level.name, end("u/1"))'
        assert played(script, str(open_path), under=enter) == "cgroup2 True"
        assert [entry.name for entry in cgroup.iterdir() if entry.is_dir()] == []


@AS_ROOT
@pytest.mark.parametrize("name", ["emptied_environment", "own_subreaper", "chaser", "chaser_with_emptied_environment"])
def test_a_user_without_rights_leaves_no_survivors_either(name: str, open_path: Path):
    shape = next(shape for shape in SHAPES if shape.name == name)
    ending = ended(shape, "subreaper", open_path, under=NOBODY)

    assert ending.answer is True
    assert not ending.survived
    assert ending.bystanders_lived


@pytest.fixture
def open_path(tmp_path_factory) -> Iterator[Path]:
    """A folder that any user may use."""
    folder = Path("/tmp") / f"runyard-test-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir()
    folder.chmod(0o777)
    yield folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


@contextmanager
def delegated() -> Iterator[Path]:
    """A cgroup of version 2 that belongs to nobody, as a service manager would give it away."""
    cgroup = UNIFIED / f"runyard-test-{os.getpid()}"
    cgroup.mkdir()
    for path in (cgroup, cgroup / "cgroup.procs", cgroup / "cgroup.threads", cgroup / "cgroup.subtree_control"):
        os.chown(path, 65534, 65534)
    try:
        yield cgroup
    finally:
        (cgroup / "cgroup.kill").write_text("1", encoding="ascii")
        until = time.monotonic() + 60
        while cgroup.exists() and time.monotonic() < until:
            for folder in [*cgroup.glob("*/*/"), *cgroup.glob("*/"), cgroup]:
                with suppress(OSError):
                    folder.rmdir()
