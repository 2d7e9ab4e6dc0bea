"""What a host must do with attempts, whatever its kind: start each at most once, signal it, end it."""

from dataclasses import replace

import pytest

from runyard.application.ports.executor import SignalKind, Started, StartOrder, Voided
from runyard.domain.jobs.attempt import Ending

from .hosts import a_ref
from .runs import RunsContract


class ExecutorContract(RunsContract):
    """What any `Executor` must do; bind it with a fixture `machine`."""

    # --- starting once ---

    def test_a_repeated_start_starts_nothing(self, line, commands):
        order = StartOrder(ref=a_ref(), command=commands.prints_then_waits(b"once"))
        hello = line.host.hello()
        line.host.start(hello, [order, order])
        line.until(lambda: line.printed(order.ref) == b"once")
        line.host.start(hello, [order])
        line.start(order)

        line.listen(1.0)
        assert line.printed(order.ref) == b"once"
        assert len({started.containment for started in line.told(order.ref, Started)}) == 1

    def test_a_repeated_start_of_an_ended_attempt_repeats_its_end(self, line, commands):
        order = StartOrder(ref=a_ref(), command=commands.exits(7))
        line.start(order)
        first = line.end_of(order.ref)

        line.heard.clear()
        line.start(order)
        assert line.end_of(order.ref) == first

    def test_under_a_later_hello_a_forgotten_attempt_is_a_new_one(self, line, commands):
        order = StartOrder(ref=a_ref(), command=commands.exits(7))
        hello = line.host.hello()
        line.host.start(hello, [order])
        line.end_of(order.ref)
        line.acknowledge(order.ref, 0, final=True)
        line.listen(0.1)

        line.heard.clear()
        line.host.start(hello, [replace(order, command=commands.exits(0))])
        assert line.end_of(order.ref).exit_code == 7
        line.heard.clear()
        line.start(replace(order, command=commands.exits(0)))
        assert line.end_of(order.ref).exit_code == 0
        line.acknowledge(order.ref, 0, final=True)

    def test_a_start_whose_hello_the_host_never_said_is_voided(self, line, commands):
        order = StartOrder(ref=a_ref(), command=commands.prints(b"never"))
        line.host.start(replace(line.host.hello(), nonce="somebody else's"), [order])

        assert line.voided(order.ref).boot_id == line.host.hello().boot_id
        assert not line.told(order.ref, Started)

    def test_a_voided_attempt_never_starts(self, line, commands):
        order = StartOrder(ref=a_ref(), command=commands.prints(b"never"))
        hello = line.host.hello()
        line.resume(order.ref)
        assert line.voided(order.ref).boot_id == hello.boot_id

        line.heard.clear()
        line.host.start(hello, [order])
        line.start(order)
        line.voided(order.ref)
        line.listen(1.0)
        assert {type(event) for event in line.heard} == {Voided}

    # --- signals ---

    def test_a_kill_does_not_ask(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"))
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.KILL)

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.signal, outcome.exit_code) == (Ending.SIGNAL, 9, None)
        assert outcome.tree_empty is not False

    def test_a_kill_does_not_wait_for_the_grace_of_a_cancel(self, line, commands):
        ref = line.run(commands.ignores_term(), grace_period=3600.0)
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.CANCEL)
        line.wish(ref, SignalKind.KILL)

        assert line.end_of(ref).signal == 9

    def test_a_pause_older_than_the_last_resume_is_not_obeyed(self, line, commands):
        ref = line.run(commands.prints_slowly([b"a", b"b"]), run_timeout=30.0)
        line.until(lambda: line.printed(ref) == b"a")
        line.wish(ref, SignalKind.PAUSE, 5)
        line.wish(ref, SignalKind.RESUME, 6)
        line.wish(ref, SignalKind.PAUSE, 5)

        assert line.end_of(ref).exit_code == 0

    @pytest.mark.parametrize("kind", SignalKind)
    def test_a_wish_about_what_never_was_or_has_ended_is_dropped(self, line, commands, kind):
        line.wish(a_ref(), kind)
        ref = line.run(commands.exits(0))
        line.end_of(ref)
        line.wish(ref, kind)

        line.resume(ref)
        assert line.end_of(ref).exit_code == 0
