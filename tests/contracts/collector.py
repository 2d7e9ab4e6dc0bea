"""What a host must bring home, whatever its kind: all output, each report, every end, to whichever driver asks."""

import threading
import time

from runyard.application.ports.executor import Ended, Gone, Output, SignalKind, Started, StartOrder, Voided

from .hosts import Line, a_ref
from .output import OutputContract


class CollectorContract(OutputContract):
    """What any `Collector` must do; bind it with a fixture `machine`."""

    def test_output_comes_with_the_moment_it_was_written(self, line, commands):
        ref = line.run(commands.prints(b"here"))

        line.end_of(ref)
        assert all(record.at.tzinfo for record in line.records(ref))

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
