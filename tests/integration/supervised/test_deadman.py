"""The dead man's window on a real host: who ends a tree when nobody is heard of, even if the supervisor does not."""

import os
import signal
import time
from dataclasses import replace

import pytest

from runyard.adapters.supervised.program.guard import Guard
from runyard.adapters.supervised.program.timers import boottime_ns
from runyard.application.ports.executor import StartOrder
from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.leases import Deadman

from .yard import Yard, _facts, wait_for

pytestmark = pytest.mark.machine
STUBBORN = "trap '' TERM; setsid sleep 600 < /dev/null > /dev/null 2>&1 & echo ready; while :; do sleep 1; done"


def leased(yard: Yard, term_after: float, kill_after: float) -> StartOrder:
    return replace(yard.order(STUBBORN), deadman=Deadman(term_after=term_after, kill_after=kill_after))


def kill_times(yard: Yard) -> list[int]:
    """What the guard reads: when to kill each attempt, in nanoseconds since the boot."""
    return [attempt.kill_at for attempt in Guard(str(yard.directory), 0, 0)._live()]


def jobs(yard: Yard) -> list[int]:
    """The processes of attempts."""
    return [pid for pid in yard.processes() if yard.job.encode() in _facts(pid)]


def test_the_whole_tree_is_gone_when_the_lease_is_over(yard: Yard) -> None:
    order = leased(yard, 1.0, 2.0)
    begun = time.monotonic()
    yard.start(order)
    outcome = yard.ended(order.ref).outcome

    assert 1.9 < time.monotonic() - begun < 30.0
    assert (outcome.ending, outcome.signal, outcome.tree_empty) == (Ending.DEADMAN, 9, True)
    assert jobs(yard) == []


def test_the_guard_reads_the_end_of_each_lease_and_each_renewal_moves_it(yard: Yard) -> None:
    order, other = leased(yard, 30.0, 60.0), yard.order("sleep 600")
    yard.start(order, other)
    yard.says(order.ref, "ready")
    yard.runs(other.ref)
    first = max(kill_times(yard))
    assert sorted(kill_times(yard)) == [0, first]
    assert 30e9 < first - boottime_ns() < 60e9

    time.sleep(1.2)  # the word that came by the way of the start is good for a second
    yard.executor.renew(yard.executor.hello(), [order.ref])
    wait_for(lambda: max(kill_times(yard)) > first + 1e8)


def test_f59_the_guard_ends_what_is_past_its_lease_while_the_supervisor_is_stopped(yard: Yard) -> None:
    order = leased(yard, 3.0, 4.0)
    yard.start(order)
    yard.says(order.ref, "ready")
    supervisor = yard.pid()
    wait_for(lambda: _guards(yard))
    os.kill(supervisor, signal.SIGSTOP)
    try:
        lapses = max(kill_times(yard))
        wait_for(lambda: not jobs(yard), seconds=9.0)
        late = (boottime_ns() - lapses) / 1e9
        assert 0 <= late < 3.0
        print(f"gone {late:.2f} s after the end of its lease")
    finally:
        os.kill(supervisor, signal.SIGCONT)

    outcome = yard.ended(order.ref).outcome
    assert (outcome.ending, outcome.tree_empty) == (Ending.DEADMAN, True)


def _guards(yard: Yard) -> list[int]:
    return [pid for pid in yard.processes() if b"\0guard\0" + str(yard.directory).encode() in _facts(pid)]
