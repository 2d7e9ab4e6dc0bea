"""What a host must do with attempts that have a lease, whatever its kind: end them when it hears of nobody."""

from dataclasses import replace

import pytest

from runyard.application.ports.executor import Ended, SignalKind
from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.leases import Deadman

from .hosts import Line, OnOneHost

SOON = Deadman(term_after=2.0, kill_after=3.0)
LATE = 60.0


class DeadmanContract(OnOneHost):
    """What any `Executor` must do with the `deadman` of an order; bind it with a fixture `machine`."""

    def test_an_attempt_is_asked_to_end_when_nobody_is_heard_of(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"), deadman=Deadman(term_after=3.0, kill_after=LATE))

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.signal, outcome.tree_empty) == (Ending.DEADMAN, 15, True)
        assert line.printed(ref) == b"ready"

    @pytest.mark.parametrize("grace", [0.0, 3600.0])
    def test_who_does_not_end_is_killed_before_the_lease_is_over_whatever_its_grace(self, line, commands, grace):
        ref = line.run(commands.ignores_term(), deadman=SOON, grace_period=grace)

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.signal, outcome.tree_empty) == (Ending.DEADMAN, 9, True)

    def test_past_its_lease_there_is_no_grace(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"), deadman=Deadman(term_after=0.0, kill_after=0.0))

        assert line.end_of(ref).signal == 9

    def test_what_is_renewed_goes_on_until_it_is_not(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"), deadman=Deadman(term_after=5.0, kill_after=LATE))
        for _ in range(14):
            line.host.renew(line.host.hello(), [ref])
            line.listen(0.5)
        assert not line.told(ref, Ended)

        assert line.end_of(ref).ending is Ending.DEADMAN

    @pytest.mark.parametrize("wrong", ["older", "of another boot", "of the future"])
    def test_a_word_that_proves_nothing_renews_nothing(self, line, commands, wrong):
        hello = line.host.hello()
        line.listen(0.1)
        ref = line.run(commands.prints_then_waits(b"ready"), deadman=Deadman(term_after=2.0, kill_after=LATE))

        def word():
            now = line.host.hello()
            telling = {
                "older": hello,
                "of another boot": replace(now, boot_id="another"),
                "of the future": replace(now, stamp=now.stamp + 1000),
            }
            return telling[wrong]

        _renews_for(line, ref, word)
        assert line.end_of(ref).ending is Ending.DEADMAN

    def test_a_renewal_of_what_never_was_is_harmless(self, line, commands):
        ref = line.run(commands.exits(0), deadman=SOON)
        line.end_of(ref)
        line.host.renew(line.host.hello(), [ref, replace(ref, number=7)])

        assert line.end_of(ref).exit_code == 0

    def test_its_own_end_is_its_own(self, line, commands):
        assert line.end_of(line.run(commands.exits(3), deadman=SOON)).exit_code == 3

    def test_it_ends_while_nobody_is_connected_and_is_told_to_who_asks(self, machine, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"), deadman=Deadman(term_after=3.0, kill_after=LATE))
        line.until(lambda: line.printed(ref))
        line.host.close()

        other = Line(machine.connect())
        other.listen(4.0)
        other.resume(ref)
        assert other.end_of(ref).ending is Ending.DEADMAN
        assert other.printed(ref) == b"ready"

    def test_a_paused_attempt_is_ended_all_the_same(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"), deadman=Deadman(term_after=3.0, kill_after=LATE))
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.PAUSE)

        assert line.end_of(ref).ending is Ending.DEADMAN

    def test_who_is_cancelled_with_a_long_grace_does_not_outlive_its_lease(self, line, commands):
        ref = line.run(commands.ignores_term(), deadman=Deadman(term_after=3.0, kill_after=4.0), grace_period=3600.0)
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.CANCEL)

        assert line.end_of(ref).signal == 9


def _renews_for(line: Line, ref, word) -> None:
    for _ in range(8):
        if line.told(ref, Ended):
            return
        line.host.renew(word(), [ref])
        line.listen(0.5)
