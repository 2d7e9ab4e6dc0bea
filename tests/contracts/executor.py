"""What a host must do with attempts, whatever its kind: start each at most once, signal it, end it."""

from dataclasses import replace

import pytest

from runyard.application.ports.executor import Ended, SignalKind, Started, StartOrder, Voided
from runyard.domain.jobs.attempt import Ending

from .hosts import OnOneHost, a_ref


class ExecutorContract(OnOneHost):
    """What any `Executor` must do; bind it with a fixture `machine`."""

    # --- one attempt, from start to end ---

    def test_an_attempt_starts_and_ends_with_its_own_exit_code(self, line, commands):
        ref = line.run(commands.exits(3))

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.exit_code, outcome.signal) == (Ending.EXIT, 3, None)
        assert outcome.tree_empty is not False
        assert [type(event) for event in line.heard if event.ref == ref] == [Started, Ended]
        assert line.told(ref, Started)[0].containment

    @pytest.mark.parametrize("code", [0, 1, 127, 128, 137, 255])
    def test_every_exit_code_is_exact(self, line, commands, code):
        assert line.end_of(line.run(commands.exits(code))).exit_code == code

    @pytest.mark.parametrize("signal", [1, 9, 11, 15])
    def test_a_death_by_a_signal_is_not_an_exit(self, line, commands, signal):
        outcome = line.end_of(line.run(commands.dies_by(signal)))

        assert (outcome.ending, outcome.exit_code, outcome.signal) == (Ending.SIGNAL, None, signal)

    def test_a_program_that_does_not_exist_ends_as_a_failed_start(self, line, commands):
        ref = line.run(commands.is_missing())

        outcome = line.end_of(ref)
        assert outcome.ending is Ending.START_FAILED
        assert outcome.message
        assert not line.told(ref, Started)

    def test_stdin_is_what_the_order_says(self, line, commands):
        ref = line.run(commands.copies_stdin(), stdin="line one\nünï, no newline")

        assert line.end_of(ref).exit_code == 0
        assert line.printed(ref).decode() == "line one\nünï, no newline"

    def test_without_stdin_there_is_nothing_to_read(self, line, commands):
        ref = line.run(commands.copies_stdin())

        assert line.end_of(ref).exit_code == 0
        assert line.printed(ref) == b""

    def test_many_attempts_run_at_once_and_keep_their_own_ends(self, line, commands):
        orders = [StartOrder(ref=a_ref(), command=commands.exits(code)) for code in range(40)]
        line.start(*orders)

        assert [line.end_of(order.ref).exit_code for order in orders] == list(range(40))

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

    @pytest.mark.parametrize(("kind", "signal"), [(SignalKind.CANCEL, 15), (SignalKind.KILL, 9)])
    def test_cancel_asks_and_kill_does_not(self, line, commands, kind, signal):
        ref = line.run(commands.prints_then_waits(b"ready"))
        line.until(lambda: line.printed(ref))
        line.wish(ref, kind)

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.signal, outcome.exit_code) == (Ending.SIGNAL, signal, None)
        assert outcome.tree_empty is not False

    def test_who_ignores_a_cancel_is_killed_after_the_grace_period(self, line, commands):
        ref = line.run(commands.ignores_term(), grace_period=0.5)
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.CANCEL)
        line.wish(ref, SignalKind.CANCEL)

        assert line.end_of(ref).signal == 9

    def test_a_kill_does_not_wait_for_the_grace_of_a_cancel(self, line, commands):
        ref = line.run(commands.ignores_term(), grace_period=3600.0)
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.CANCEL)
        line.wish(ref, SignalKind.KILL)

        assert line.end_of(ref).signal == 9

    def test_a_paused_attempt_stands_still_until_it_is_resumed(self, line, commands):
        ref = line.run(commands.prints_slowly([b"a", b"b"]), run_timeout=5.0)
        line.until(lambda: line.printed(ref) == b"a")
        line.wish(ref, SignalKind.PAUSE)
        line.listen(2.0)
        line.listen(0.2)
        assert line.printed(ref) == b"a"

        line.wish(ref, SignalKind.RESUME)
        assert line.end_of(ref).exit_code == 0
        assert line.printed(ref) == b"ab"

    def test_a_pause_does_not_use_up_the_run_timeout(self, line, commands):
        ref = line.run(commands.prints_slowly([b"a", b"b"]), run_timeout=2.5)
        line.until(lambda: line.printed(ref) == b"a")
        line.wish(ref, SignalKind.PAUSE)
        for _ in range(6):
            line.listen(0.5)
        line.wish(ref, SignalKind.RESUME)

        assert line.end_of(ref).ending is Ending.EXIT

    def test_a_pause_does_not_stretch_the_total_timeout(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"), run_timeout=30.0, total_timeout=1.5)
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.PAUSE)

        assert line.end_of(ref).ending is Ending.TIMEOUT

    def test_a_pause_older_than_the_last_resume_is_not_obeyed(self, line, commands):
        ref = line.run(commands.prints_slowly([b"a", b"b"]), run_timeout=30.0)
        line.until(lambda: line.printed(ref) == b"a")
        line.wish(ref, SignalKind.PAUSE, 5)
        line.wish(ref, SignalKind.RESUME, 6)
        line.wish(ref, SignalKind.PAUSE, 5)

        assert line.end_of(ref).exit_code == 0

    def test_a_paused_attempt_can_be_cancelled(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"))
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.PAUSE)
        line.wish(ref, SignalKind.CANCEL)

        assert line.end_of(ref).signal == 15

    @pytest.mark.parametrize("kind", SignalKind)
    def test_a_wish_about_what_never_was_or_has_ended_is_dropped(self, line, commands, kind):
        line.wish(a_ref(), kind)
        ref = line.run(commands.exits(0))
        line.end_of(ref)
        line.wish(ref, kind)

        line.resume(ref)
        assert line.end_of(ref).exit_code == 0

    def test_the_run_timeout_ends_an_attempt(self, line, commands):
        ref = line.run(commands.sleeps(3600), run_timeout=0.5)

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.signal, outcome.tree_empty) == (Ending.TIMEOUT, 15, True)

    def test_who_ignores_the_end_of_its_time_is_killed_after_the_grace_period(self, line, commands):
        ref = line.run(commands.ignores_term(), run_timeout=0.5, grace_period=0.5)

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.signal) == (Ending.TIMEOUT, 9)
