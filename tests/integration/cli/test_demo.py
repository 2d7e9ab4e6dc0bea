"""The demo: a screen of output, exit code 0, nothing left; and loud when something is wrong."""

import os
import pty
import signal
import subprocess
import sys
import tempfile

import pytest

from tests.integration.server import processes_with, until

DEMO = [sys.executable, "-m", "runyard.entrypoints.demo"]

pytestmark = pytest.mark.machine


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A short temporary folder of the test's own, empty before and after; sockets have short names."""
    with tempfile.TemporaryDirectory(prefix="d-", dir="/tmp") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        yield folder
        until(lambda: not processes_with(folder))
        assert os.listdir(folder) == []  # noqa: PTH208 - names are enough
        assert list(tmp_path.iterdir()) == []


def test_it_ends_well_without_a_terminal_and_leaves_nothing(place) -> None:
    done = subprocess.run(DEMO, capture_output=True, text=True, timeout=240, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "succeeded, exit code 0" in done.stdout
    assert "nothing is left running" in done.stdout
    assert "\x1b" not in done.stdout
    assert len(done.stdout.splitlines()) <= 40


def test_it_ends_well_on_a_terminal(place) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(DEMO, stdin=theirs, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:  # how a terminal says that the other side is closed
            pass
        assert child.wait(60) == 0
    os.close(ours)

    assert b"%" in shown
    assert b"nothing is left running" in shown


def test_ctrl_c_leaves_nothing_either(place) -> None:
    with subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        while "Measuring" not in (line := child.stdout.readline()):
            assert line, "it ended before it measured"
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=60)

    assert child.returncode == 130


def test_a_server_that_does_not_start_fails_the_demo_with_its_words(place, tmp_path_factory) -> None:
    broken = tmp_path_factory.mktemp("broken")
    (broken / "uvicorn.py").write_text("raise SystemExit('no server today')\n")

    environment = os.environ | {"PYTHONPATH": str(broken)}
    done = subprocess.run(DEMO, capture_output=True, text=True, timeout=60, env=environment, check=False)

    assert done.returncode == 1
    assert "no server today" in done.stderr
