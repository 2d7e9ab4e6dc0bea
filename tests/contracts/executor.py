"""What a host must do, whatever its kind: starting, ending, signalling, and bringing home what happened."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from runyard.application.ports.executor import Ended, Output, Reported, SignalKind, Started, StartOrder, Voided
from runyard.domain.jobs.attempt import Ending, Progress
from runyard.domain.jobs.limits import LogLimit, LogPolicy
from runyard.domain.jobs.log import Stream

from .hosts import Commands, Line, Machine, a_ref


class ExecutorContract:
    """Bind it with a fixture `machine`; see `Machine`."""

    @pytest.fixture
    def line(self, machine: Machine) -> Iterator[Line]:
        line = Line(machine.connect())
        yield line
        line.let_go()

    @pytest.fixture
    def commands(self, machine: Machine) -> Commands:
        return machine.commands

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

    # --- output ---

    def test_all_output_comes_before_the_end_without_gaps(self, line, commands):
        data = bytes(range(256)) * 1200
        ref = line.run(commands.prints(data))

        outcome = line.end_of(ref)
        assert line.printed(ref) == data
        assert outcome.log_size == len(data)
        kinds = [type(event) for event in line.heard]
        assert kinds[0] is Started
        assert kinds[-1] is Ended
        chunks = [output.chunk for output in line.told(ref, Output)]
        assert chunks[0].offset == 0
        assert all(before.end == after.offset for before, after in pairwise(chunks))

    def test_both_streams_are_told_apart(self, line, commands):
        ref = line.run(commands.prints_on_both(b"good", b"bad"))

        line.end_of(ref)
        assert line.printed(ref, Stream.STDOUT) == b"good"
        assert line.printed(ref, Stream.STDERR) == b"bad"

    def test_output_comes_while_the_attempt_runs(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"here"))

        line.until(lambda: line.printed(ref) == b"here")
        assert not line.told(ref, Ended)
        assert all(record.at.tzinfo for record in line.records(ref))

    def test_beyond_its_log_limit_an_attempt_runs_on_in_silence(self, line, commands):
        ref = line.run(commands.prints(b"0123456789" * 100), log_limit=LogLimit(bytes=15, policy=LogPolicy.STOP))

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.exit_code) == (Ending.EXIT, 0)
        assert line.printed(ref, Stream.STDOUT) == b"012345678901234"
        assert outcome.log_size == len(line.printed(ref))

    def test_a_log_limit_may_end_the_attempt(self, line, commands):
        limit = LogLimit(bytes=15, policy=LogPolicy.KILL)
        ref = line.run(commands.prints_then_waits(b"0123456789" * 100), log_limit=limit)

        outcome = line.end_of(ref)
        assert outcome.ending is Ending.LOG_LIMIT
        assert line.printed(ref, Stream.STDOUT) == b"012345678901234"
        assert outcome.log_size == len(line.printed(ref))

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

    # --- what a job says of itself ---

    def test_progress_and_result_are_told_before_the_end(self, line, commands):
        ref = line.run(commands.reports('{"percent": 40, "message": "half"}', '{"result": {"n": [1, "ü"]}}'))

        line.end_of(ref)
        reports = line.told(ref, Reported)
        assert [report.progress for report in reports if report.progress][-1] == Progress(percent=40, message="half")
        assert [json.loads(report.result) for report in reports if report.result] == [{"n": [1, "ü"]}]
        assert isinstance(line.heard[-1], Ended)

    # --- drivers come and go ---

    def test_another_driver_reads_on_from_an_offset(self, machine, line, commands):
        ref = line.run(commands.prints_then_waits(b"0123456789"))
        line.until(lambda: line.printed(ref) == b"0123456789")
        line.acknowledge(ref, 4)
        line.host.close()

        other = Line(machine.connect())
        other.resume(ref, offset=4)
        other.until(lambda: other.printed(ref) == b"456789")
        assert other.told(ref, Output)[0].chunk.offset == 4
        assert other.told(ref, Started)

        other.wish(ref, SignalKind.KILL)
        assert other.end_of(ref).log_size == 10

    def test_what_was_not_acknowledged_is_delivered_again(self, machine, line, commands):
        ref = line.run(commands.prints(b"0123456789"))
        first = line.end_of(ref)
        line.host.close()

        for _ in range(2):
            again = Line(machine.connect())
            again.resume(ref)
            assert again.end_of(ref) == first
            assert again.printed(ref) == b"0123456789"
            again.host.close()

    def test_an_attempt_goes_on_and_ends_while_nobody_listens(self, machine, line, commands):
        ref = line.run(commands.prints_slowly([b"a", b"b"]))
        line.until(lambda: line.told(ref, Started))
        line.host.close()

        other = Line(machine.connect())
        other.resume(ref)
        assert other.end_of(ref).exit_code == 0
        assert other.printed(ref) == b"ab"

    def test_a_driver_hears_only_of_what_it_started_or_resumed(self, machine, line, commands):
        ref = line.run(commands.exits(0))
        line.end_of(ref)
        line.host.close()

        other = Line(machine.connect())
        other.listen(0.5)
        assert [event for event in other.heard if event.ref == ref] == []

    def test_what_is_acknowledged_as_final_is_forgotten_and_never_starts_again(self, machine, line, commands):
        order = StartOrder(ref=a_ref(), command=commands.prints(b"once"))
        hello = line.host.hello()
        line.host.start(hello, [order])
        line.end_of(order.ref)
        line.acknowledge(order.ref, 4, final=True)

        line.heard.clear()
        line.host.start(hello, [order])
        line.listen(1.0)
        line.host.close()
        other = Line(machine.connect())
        other.resume(order.ref)
        other.listen(1.0)
        assert not other.printed(order.ref)
        assert not line.printed(order.ref)

    def test_a_final_receipt_for_what_still_runs_ends_it(self, line, commands):
        order = StartOrder(ref=a_ref(), command=commands.prints_then_waits(b"ready"))
        line.start(order)
        line.until(lambda: line.printed(order.ref))
        line.acknowledge(order.ref, 0, final=True)
        line.heard.clear()
        line.listen(1.0)

        line.resume(order.ref)
        line.until(lambda: line.told(order.ref, Ended) or line.told(order.ref, Voided))

    def test_a_receipt_for_what_never_was_is_harmless(self, line, commands):
        line.acknowledge(a_ref(), 100, final=True)

        assert line.end_of(line.run(commands.exits(0))).exit_code == 0

    # --- waiting ---

    def test_without_news_events_come_back_empty(self, line):
        line.host.hello()

        assert line.host.events(0) == []
        assert line.host.events(0.1) == []

    def test_a_wake_from_any_thread_ends_the_waiting(self, line):
        line.host.hello()
        waker = threading.Timer(0.3, line.host.wake)
        started = time.monotonic()
        waker.start()
        line.host.events(30)
        waker.join()

        assert time.monotonic() - started < 10
