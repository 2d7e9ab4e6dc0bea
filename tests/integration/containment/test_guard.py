"""The guard, over a stand-in for the supervisor that can be killed, stopped and told to leave."""

import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from runyard.adapters.supervised.program.contain import sweep
from runyard.adapters.supervised.program.guard import Guarded
from runyard.adapters.supervised.program.marks import process_facts

from .guarded import KEY
from .shapes import SHAPES, Shape, fresh_token, survives, wait_ready
from .test_containment import CLOSED_LEVELS

STAND_IN = ("-m", "tests.integration.containment.guarded")
NASTIEST = [
    shape
    for shape in SHAPES
    if shape.name in ("own_session", "emptied_environment", "own_subreaper", "chaser_with_emptied_environment")
]
LEVELS = [
    pytest.param(level, marks=pytest.mark.skipif(level in CLOSED_LEVELS, reason=f"no {level} here: NOT TESTED"))
    for level in ("cgroup2", "freezer", "subreaper")
]


@dataclass
class StandIn:
    process: subprocess.Popen[str]
    guard: int
    token: Path

    def guard_is_there(self) -> bool:
        facts = process_facts(self.guard)
        return facts is not None and facts.state != "Z"

    def tree_lives(self) -> bool:
        return survives(self.token)


@contextmanager
def standing(shape: Shape, level: str, folder: Path, kill_after: str = "-", guard: bool = True) -> Iterator[StandIn]:
    with ExitStack() as stack:
        token = stack.enter_context(fresh_token(folder, "victim"))
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, *STAND_IN, str(folder), level, kill_after, *shape.argv(token)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(process.kill)
        assert process.stdout is not None
        word, watcher, _ = process.stdout.readline().split()
        assert word == "started"
        if not guard:
            os.kill(int(watcher), signal.SIGKILL)
        try:
            wait_ready(token, shape)
            yield StandIn(process, int(watcher), token)
        finally:
            process.kill()
            with suppress(OSError):
                os.kill(int(watcher), signal.SIGKILL)
            sweep(str(folder), [KEY])


def seconds_until(gone, limit: float = 60.0) -> float:
    began = time.monotonic()
    while not gone():
        assert time.monotonic() - began < limit, f"still not after {limit} s"
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("shape", NASTIEST, ids=str)
def test_a_killed_supervisor_takes_its_trees_along_within_two_seconds(shape: Shape, level: str, tmp_path: Path):
    with standing(shape, level, tmp_path) as stand_in:
        stand_in.process.kill()

        took = seconds_until(lambda: not stand_in.tree_lives(), 2.0)
        print(shape, level, f"{took:.2f} s")
        seconds_until(lambda: not stand_in.guard_is_there())
        assert not stand_in.tree_lives()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("shape", NASTIEST, ids=str)
def test_a_successor_sweeps_what_a_dead_supervisor_left(shape: Shape, level: str, tmp_path: Path):
    with standing(shape, level, tmp_path, guard=False) as stand_in:
        stand_in.process.kill()
        stand_in.process.wait()
        assert stand_in.tree_lives()

        assert sweep(str(tmp_path), [KEY]) is True
        assert not stand_in.tree_lives()


@pytest.mark.machine
def test_a_stopped_supervisor_and_its_trees_are_dead_after_ten_seconds(tmp_path: Path):
    with standing(NASTIEST[0], "subreaper", tmp_path) as stand_in:
        stand_in.process.send_signal(signal.SIGSTOP)

        took = seconds_until(lambda: not stand_in.tree_lives(), 20.0)
        assert took > 9.0
        assert stand_in.process.wait(60) == -signal.SIGKILL
        seconds_until(lambda: not stand_in.guard_is_there())


def test_the_guard_leaves_when_the_supervisor_says_goodbye(tmp_path: Path):
    with standing(NASTIEST[0], "subreaper", tmp_path) as stand_in:
        assert stand_in.process.stdin is not None
        stand_in.process.stdin.write("leave\n")
        stand_in.process.stdin.flush()

        seconds_until(lambda: not stand_in.guard_is_there())
        assert stand_in.tree_lives()


@pytest.mark.parametrize("level", LEVELS)
def test_the_guard_ends_a_tree_past_its_lease_while_the_supervisor_is_stopped(level: str, tmp_path: Path):
    with standing(NASTIEST[1], level, tmp_path, kill_after="2") as stand_in:
        stand_in.process.send_signal(signal.SIGSTOP)

        seconds_until(
            lambda: not stand_in.tree_lives(), 8.0
        )  # after ten the supervisor would be killed, and all with it
        facts = process_facts(stand_in.process.pid)
        assert facts is not None
        assert facts.state == "T"


def test_a_pid_that_is_used_again_is_not_the_attempt_s():
    facts = process_facts(os.getpid())
    assert facts is not None
    began = facts.started / os.sysconf("SC_CLK_TCK") * 1e9

    def slot(spawned: float) -> Guarded:
        record = struct.pack("<B7xQQQ96s", 3, os.getpid(), int(spawned), 0, b"a/1")
        return Guarded(struct.unpack("<B7xQQQ96s", record))

    assert slot(began - 1e7).is_first(os.getpid())
    assert not slot(began - 60e9).is_first(os.getpid())
    assert not slot(began - 1e7).is_first(os.getppid())
