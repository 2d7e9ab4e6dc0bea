"""What a host must bring home, whatever its kind: all output, each report, every end, to whichever driver asks."""

import json
import threading
import time
from itertools import pairwise

from runyard.application.ports.executor import Ended, Gone, Output, Reported, SignalKind, Started, StartOrder, Voided
from runyard.domain.jobs.attempt import Ending, Progress
from runyard.domain.jobs.limits import LogLimit, LogPolicy
from runyard.domain.jobs.log import Stream

from .hosts import Line, OnOneHost, a_ref


class CollectorContract(OnOneHost):
    """What any `Collector` must do; bind it with a fixture `machine`."""

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
        assert not other.told(ref, Gone)
        assert other.told(ref, Started)

        other.wish(ref, SignalKind.KILL)
        assert other.end_of(ref).log_size == 10

    def test_what_was_acknowledged_is_said_to_be_gone(self, machine, line, commands):
        ref = line.run(commands.prints_then_waits(b"0123456789"))
        line.until(lambda: line.printed(ref) == b"0123456789")
        line.acknowledge(ref, 10)
        assert ref in line.host.held()
        line.host.close()

        other = Line(machine.connect())
        other.resume(ref, offset=4)
        other.until(lambda: other.told(ref, Gone))
        other.wish(ref, SignalKind.KILL)
        assert other.end_of(ref).log_size == 10
        assert other.told(ref, Gone) == [Gone(ref, 10)]
        assert other.told(ref, Output) == []

        other.acknowledge(ref, 10, final=True)
        other.heard.clear()
        other.resume(ref, offset=4)
        other.until(lambda: other.told(ref, Ended))
        assert other.told(ref, Gone) == [Gone(ref, 10)]

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

    def test_the_host_lists_what_it_runs_and_whose_end_it_keeps(self, line, commands):
        running, ended = line.run(commands.prints_then_waits(b"ready")), line.run(commands.exits(0))
        line.until(lambda: line.printed(running))
        line.end_of(ended)
        voided = a_ref()
        line.resume(voided)

        assert {running, ended} <= line.host.held()
        assert voided not in line.host.held()

        line.acknowledge(ended, 0, final=True)
        assert ended not in line.host.held()

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
