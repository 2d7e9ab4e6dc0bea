"""How a supervisor behaves on its host: detached, frugal, gone when nobody needs it, at home on old Pythons."""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runyard.adapters.supervised.bundle import bundle
from runyard.adapters.supervised.pipe import local_executor
from runyard.application.ports.executor import AttemptSignal, HostUnreachable, SignalKind
from runyard.domain.jobs.attempt import Ending

from .yard import Yard, wait_for

pytestmark = pytest.mark.machine


def test_a_supervisor_keeps_nothing_of_who_started_it(yard: Yard) -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    pid = yard.pid()
    os.close(writing)

    assert os.read(reading, 1) == b"", "somebody keeps the pipe open"
    os.close(reading)
    assert os.getsid(pid) == pid
    assert os.getsid(pid) != os.getsid(0)
    assert Path(f"/proc/{pid}/cwd").resolve() == yard.directory.resolve()
    targets = [str(Path(f"/proc/{pid}/fd/{number}").readlink()) for number in (0, 1, 2)]
    assert targets == ["/dev/null", str(yard.directory / "err"), str(yard.directory / "err")]
    assert Path(f"/proc/{pid}/stat").read_text().split()[3] != str(os.getpid())


def test_everything_in_its_directory_is_for_its_account_alone(yard: Yard) -> None:
    yard.run("head -c 2000000 /dev/zero; echo '{}' >> $RUNYARD_REPORT")

    assert yard.directory.stat().st_mode & 0o777 == 0o700
    modes = {path: path.stat().st_mode & 0o777 for path in yard.directory.iterdir() if path.is_file()}
    assert {path.name: mode for path, mode in modes.items() if mode & 0o077} == {}


def test_it_leaves_when_nobody_needs_it_and_keeps_what_is_not_acknowledged(tmp_path: Path) -> None:
    yard = Yard(tmp_path / "yard")
    yard.directory.mkdir(mode=0o700)
    name, text = bundle()
    (yard.directory / name).write_text(text)
    argv = [sys.executable, "-I", "-S", str(yard.directory / name), "serve", str(yard.directory), "auto", "3.0"]
    subprocess.run(argv, check=True, start_new_session=True)
    try:
        wait_for((yard.directory / "sock").exists)
        seen = yard.run("echo kept; exit 2")
        pid = yard.pid()
        time.sleep(3.5)  # longer than it stays when nobody needs it
        assert yard.pid() == pid, "it left a collector alone"
        yard.reconnected()
        wait_for(lambda: not Path(f"/proc/{pid}").exists())
        assert not (yard.directory / "sock").exists()

        yard.resume(seen.ref)
        again = yard.ended(seen.ref)
        assert (again.outcome.exit_code, yard.pid() != pid) == (2, True)
    finally:
        yard.close()


def test_an_older_program_is_replaced_when_it_has_nothing_to_do(tmp_path: Path) -> None:
    yard = Yard(tmp_path / "yard")
    yard.directory.mkdir(mode=0o700)
    old = yard.directory / "supd-0123456789abcdef.py"
    old.write_text(bundle().text)
    subprocess.run([sys.executable, "-I", "-S", str(old), "serve", str(yard.directory)], check=True)
    try:
        wait_for((yard.directory / "sock").exists)
        assert yard.run(("/bin/echo", "new")).text == "new\n"
        assert [path.name for path in yard.directory.glob("supd-*")] == [bundle().name]
    finally:
        yard.close()


@pytest.mark.parametrize(("python", "level"), [("/bin/false", None), (sys.executable, "no-such-level")])
def test_a_supervisor_that_cannot_begin_is_said_so_at_once(tmp_path: Path, python: str, level: str | None) -> None:
    began = time.monotonic()

    with local_executor(tmp_path, python=python, containment=level) as executor, pytest.raises(HostUnreachable):
        executor.hello()

    assert time.monotonic() - began < 20.0, "it was waited for, as for one that begins"


@pytest.mark.parametrize("version", ["3.8", "3.13"])
def test_it_runs_under_other_pythons(tmp_path: Path, version: str) -> None:
    found = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python{version}"))
    program = str(found[0]) if found else shutil.which(f"python{version}")
    if program is None:
        pytest.skip(f"no Python {version} here")
    yard = Yard(tmp_path / "yard")
    yard.executor.close()
    yard.executor = local_executor(yard.directory, python=program)
    yard._executors = [yard.executor]
    try:
        seen = yard.run("""echo '{"percent": 5}' > $RUNYARD_REPORT; cat; echo oops >&2; kill -2 $$""", stdin="in\n")
        assert (seen.text, seen.outcome.signal, len(seen.reports)) == ("in\noops\n", 2, 1)
        assert (yard.directory / "err").read_text() == ""
        assert version in str(Path(f"/proc/{yard.pid()}/exe").readlink())
    finally:
        yard.close()


@pytest.mark.parametrize("level", ["cgroup2", "freezer", "subreaper", "group"])
def test_it_does_its_work_at_every_level_of_containment(tmp_path: Path, level: str) -> None:
    yard = Yard(tmp_path / "yard", level)
    try:
        hello = yard.executor.hello()
    except HostUnreachable:
        pytest.skip(f"{level} cannot be had here")
    try:
        assert hello.containment == level
        assert yard.run("sleep 1000 & echo hi; exit 3").outcome.exit_code == 3
        orders = [yard.order(("/bin/sleep", "1000")) for _ in range(10)]
        yard.start(*orders)
        yard.executor.signal([AttemptSignal(order.ref, SignalKind.CANCEL) for order in orders])
        yard.ended(*(order.ref for order in orders))
        seen = yard.run(("yes",), run_timeout=0.3, grace_period=0.2)
        assert seen.outcome.ending is Ending.TIMEOUT
        assert seen.outcome.tree_empty is (None if level == "group" else True)
    finally:
        yard.close()


@pytest.fixture
def service() -> Iterator[Path]:
    """A cgroup as a service manager makes one."""
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if line.split()[2] == "cgroup2"]
    if not points or not os.access(points[0], os.W_OK):
        pytest.skip("no cgroup v2 to make one in")
    slice_ = Path(points[0]) / f"runyard-test-{os.getpid()}.slice"
    folder = slice_ / "web.service"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        wait_for(lambda: all(_removed(path) for path in [*_inside(slice_), slice_]))


def test_it_moves_out_of_the_service_that_started_it(yard: Yard, service: Path) -> None:
    home = Path("/proc/self/cgroup").read_text().splitlines()[-1].partition("::")[2]
    (service / "cgroup.procs").write_text("0")
    try:
        pid = yard.pid()
    finally:
        (service.parents[1] / home.lstrip("/") / "cgroup.procs").write_text("0")

    where = Path(f"/proc/{pid}/cgroup").read_text().splitlines()[-1]
    assert where.endswith("/runyard-supervisor")
    assert yard.run(("/bin/echo", "on")).outcome.tree_empty is True
    yard.close()


def test_a_thousand_sleepers_cost_little(yard: Yard) -> None:
    yard.run(("/bin/true",))
    before = yard.memory()
    orders = [yard.order(("/bin/sleep", "1000")) for _ in range(1000)]
    yard.start(*orders)
    yard.until(lambda: all(yard.of(order.ref).started for order in orders), 60)

    assert yard.memory() - before < 20 << 20
    began = time.monotonic()
    yard.executor.signal([AttemptSignal(order.ref, SignalKind.KILL) for order in orders])
    yard.ended(*(order.ref for order in orders), seconds=60)
    print("killed within", time.monotonic() - began)


def test_the_limit_of_open_files_that_jobs_have_is_not_the_supervisors(yard: Yard) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, before[1]))
    try:
        yard.pid()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    orders = [yard.order(("/bin/sh", "-c", "ulimit -n; exec sleep 1000")) for _ in range(100)]
    yard.start(*orders)

    yard.until(lambda: all(yard.of(order.ref).text for order in orders))

    assert {yard.of(order.ref).text for order in orders} == {"200\n"}


def _inside(folder: Path) -> list[Path]:
    return sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True)


def _removed(path: Path) -> bool:
    try:
        path.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
