"""A process that is told to stop stops, whenever it is told."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

WAITING = """
import os, signal
from runyard.entrypoints.stop_signals import StopSignals
stop = StopSignals()
signal.signal(signal.SIGUSR1, lambda *_: None)
{before}
print("up", flush=True)
stop.wait()
print("over", flush=True)
"""


def waiting(before: str = "") -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", WAITING.format(before=before)], stdout=subprocess.PIPE, text=True)
    assert child.stdout
    assert child.stdout.readline() == "up\n"
    return child


def rest(child: subprocess.Popen[str]) -> str:
    """What it said beside "up"; `communicate` would lose what was read ahead."""
    assert child.stdout
    return child.stdout.read()


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    child = waiting()
    with child:
        yield child
        child.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_both_signals_end_the_wait(child: subprocess.Popen[str], number: signal.Signals) -> None:
    child.send_signal(number)

    assert child.wait(timeout=60) == 0
    assert rest(child) == "over\n"


def test_a_signal_that_came_before_the_wait_ends_it() -> None:
    with waiting("os.kill(os.getpid(), signal.SIGTERM)") as child:
        assert child.wait(timeout=60) == 0
        assert rest(child) == "over\n"


def test_another_signal_does_not(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGUSR1)

    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(timeout=0.3)
