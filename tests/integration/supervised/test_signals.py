"""Ending, pausing and timing attempts, always with their whole tree."""

import time
from statistics import median

import pytest

from runyard.application.ports.executor import AttemptSignal, Ended, SignalKind, Voided
from runyard.domain.jobs.attempt import Ending

from .yard import Yard, wait_for

pytestmark = pytest.mark.machine
DEAF = ("/bin/sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done")


def test_a_cancel_is_term_and_told_as_it_was(yard: Yard) -> None:
    order = yard.order(("/bin/sh", "-c", "sleep 1000 & echo up; wait"))
    yard.start(order)
    yard.says(order.ref, "up")

    yard.signal(order.ref, SignalKind.CANCEL)
    seen = yard.ended(order.ref)

    assert (seen.outcome.ending, seen.outcome.signal, seen.outcome.tree_empty) == (Ending.SIGNAL, 15, True)


def test_a_cancelled_job_may_still_choose_its_exit_code(yard: Yard) -> None:
    order = yard.order(("/bin/sh", "-c", "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done"))
    yard.start(order)
    yard.says(order.ref, "up")

    yard.signal(order.ref, SignalKind.CANCEL)

    assert yard.ended(order.ref).outcome.exit_code == 9


def test_a_job_deaf_to_term_is_killed_after_its_grace_period(yard: Yard) -> None:
    order = yard.order(DEAF, grace_period=0.4)  # and not the ten seconds that are usual
    yard.start(order)
    yard.says(order.ref, "deaf")
    began = time.monotonic()

    yard.signal(order.ref, SignalKind.CANCEL)
    seen = yard.ended(order.ref)

    assert 0.35 < time.monotonic() - began < 9.0
    assert (seen.outcome.signal, seen.outcome.tree_empty) == (9, True)


def test_a_kill_waits_for_nothing(yard: Yard) -> None:
    order = yard.order(DEAF, grace_period=60.0)
    yard.start(order)
    yard.says(order.ref, "deaf")

    yard.signal(order.ref, SignalKind.KILL)

    assert yard.ended(order.ref, seconds=30).outcome.signal == 9


def test_a_cancel_right_behind_the_start_is_honoured(yard: Yard) -> None:
    orders = [yard.order(("/bin/sleep", "1000")) for _ in range(30)]
    hello = yard.executor.hello()
    yard.pid()
    yard.executor.start(hello, orders)
    yard.executor.signal([AttemptSignal(order.ref, SignalKind.CANCEL) for order in orders])

    yard.ended(*(order.ref for order in orders))

    for order in orders:
        last = yard.of(order.ref).last
        assert isinstance(last, Voided) or (isinstance(last, Ended) and last.outcome.signal == 15)


def test_wishes_for_what_has_ended_or_never_was_are_dropped(yard: Yard) -> None:
    seen = yard.run(("/bin/true",))

    for kind in SignalKind:
        yard.signal(seen.ref, kind)
        yard.signal(yard.order(("/bin/true",)).ref, kind)

    assert yard.run(("/bin/echo", "fine")).text == "fine\n"


@pytest.mark.parametrize("script", ["sleep 1000", "trap 'exit 0' TERM; while :; do sleep 0.05; done"])
def test_a_job_that_runs_too_long_ended_by_timeout_and_truly(yard: Yard, script: str) -> None:
    began = time.monotonic()

    seen = yard.run(script, run_timeout=0.5, grace_period=60.0, seconds=30.0)

    assert time.monotonic() - began > 0.45
    assert seen.outcome.ending is Ending.TIMEOUT
    assert (seen.outcome.exit_code, seen.outcome.signal) in ((None, 15), (0, None))


def test_a_job_that_ignores_its_timeout_is_killed(yard: Yard) -> None:
    seen = yard.run(DEAF, run_timeout=2.0, grace_period=0.3)  # time enough to become deaf

    assert (seen.outcome.ending, seen.outcome.signal, seen.outcome.tree_empty) == (Ending.TIMEOUT, 9, True)


def test_a_paused_tree_stands_still_and_its_time_too(yard: Yard) -> None:
    script = "(while :; do echo tick; sleep 0.05; done) & wait"
    order = yard.order(script, run_timeout=3.0)
    yard.start(order)
    yard.says(order.ref, "tick\ntick")

    yard.signal(order.ref, SignalKind.PAUSE)
    yard.until(lambda: not yard.collect(0.5))
    silent = yard.of(order.ref).end
    time.sleep(3.5)  # longer than its time
    yard.collect()
    assert yard.of(order.ref).end == silent
    assert yard.of(order.ref).last is None

    yard.signal(order.ref, SignalKind.RESUME)
    yard.until(lambda: yard.of(order.ref).end > silent)
    assert yard.ended(order.ref).outcome.ending is Ending.TIMEOUT


@pytest.mark.parametrize(("kind", "signal"), [(SignalKind.CANCEL, 15), (SignalKind.KILL, 9)])
def test_a_paused_tree_can_be_ended(yard: Yard, kind: SignalKind, signal: int) -> None:
    order = yard.order(("/bin/sh", "-c", "echo up; exec sleep 1000"))
    yard.start(order)
    yard.says(order.ref, "up")
    yard.signal(order.ref, SignalKind.PAUSE)
    time.sleep(0.2)  # until it stands still, which nothing tells

    yard.signal(order.ref, kind)

    assert yard.ended(order.ref).outcome.signal == signal


def test_hundreds_of_kills_leave_the_supervisor_answering(yard: Yard) -> None:
    orders = [yard.order(("/bin/sleep", "1000")) for _ in range(400)]
    yard.start(*orders)
    yard.until(lambda: all(yard.of(order.ref).started for order in orders))
    yard.executor.signal([AttemptSignal(order.ref, SignalKind.KILL) for order in orders])

    waits = []
    while not all(yard.of(order.ref).last for order in orders):
        waits.append(yard.answers_within())
        yard.collect()

    assert median(waits) < 1.0, waits
    assert {yard.of(order.ref).outcome.tree_empty for order in orders} == {True}


def test_what_the_main_process_leaves_is_killed(yard: Yard) -> None:
    marks = [f"{71000 + n}" for n in range(3)]
    script = f"sleep {marks[0]} & setsid sleep {marks[1]} & (trap '' TERM HUP; sleep {marks[2]}) & sleep 0.1; exit 5"

    seen = yard.run(script)

    assert (seen.outcome.exit_code, seen.outcome.tree_empty) == (5, True)
    wait_for(lambda: len(yard.processes()) <= 2)  # the supervisor and its guard
