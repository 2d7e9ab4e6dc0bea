"""What becomes of an attempt on any machine, whoever stands between it and who asked for it.

Nothing here is about how a host is spoken to, so it holds for what others can say of a machine as well: an agent's
server knows what was asked for, what came of it, and no more.
"""

import pytest

from runyard.application.ports.executor import Ended, SignalKind, Started, StartOrder
from runyard.domain.jobs.attempt import Ending

from .hosts import OnOneHost, a_ref


class RunsContract(OnOneHost):
    """What any machine must do with what it runs; bind it with a fixture `machine`."""

    # --- from start to end ---

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

    def test_a_program_with_a_name_beyond_all_measure_ends_as_a_failed_start(self, line):
        outcome = line.end_of(line.run(("/nowhere/" + "x" * 9000,)))

        assert outcome.ending is Ending.START_FAILED
        assert "/nowhere/xxx" in outcome.message

    def test_many_attempts_run_at_once_and_keep_their_own_ends(self, line, commands):
        orders = [StartOrder(ref=a_ref(), command=commands.exits(code)) for code in range(40)]
        line.start(*orders)

        assert [line.end_of(order.ref).exit_code for order in orders] == list(range(40))

    # --- what it is given ---

    def test_the_environment_is_what_the_order_says(self, line, commands):
        value = "two words, 'quotes', \"more\", $HOME, ünï\nand a line"
        ref = line.run(commands.expects("GREETING", value), env={"GREETING": value})

        assert line.end_of(ref).exit_code == 0

    def test_it_runs_in_the_directory_of_the_order(self, line, commands):
        ref = line.run(commands.tells_its_directory(), cwd="/usr")

        assert line.end_of(ref).exit_code == 0
        assert line.printed(ref) == b"/usr"

    def test_a_directory_that_does_not_exist_is_a_failed_start(self, line, commands):
        outcome = line.end_of(line.run(commands.exits(0), cwd="/nowhere/at-all"))

        assert outcome.ending is Ending.START_FAILED
        assert outcome.message

    def test_a_secret_is_a_variable_with_its_value(self, line, commands):
        ref = line.run(commands.expects("TOKEN", "s3cret value"), secrets={"TOKEN": "s3cret value"})

        assert line.end_of(ref).exit_code == 0

    def test_a_secret_file_holds_its_value(self, line, commands):
        ref = line.run(commands.expects_in_file("KEY", "line\nline\n"), secret_files={"KEY": "line\nline\n"})

        assert line.end_of(ref).exit_code == 0

    def test_stdin_is_what_the_order_says(self, line, commands):
        ref = line.run(commands.copies_stdin(), stdin="line one\nünï, no newline")

        assert line.end_of(ref).exit_code == 0
        assert line.printed(ref).decode() == "line one\nünï, no newline"

    def test_without_stdin_there_is_nothing_to_read(self, line, commands):
        ref = line.run(commands.copies_stdin())

        assert line.end_of(ref).exit_code == 0
        assert line.printed(ref) == b""

    # --- wishes ---

    def test_who_is_cancelled_is_asked_to_end(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"))
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.CANCEL)

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.signal, outcome.exit_code) == (Ending.SIGNAL, 15, None)
        assert outcome.tree_empty is not False

    def test_who_ignores_a_cancel_is_killed_after_the_grace_period(self, line, commands):
        ref = line.run(commands.ignores_term(), grace_period=0.5)
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.CANCEL)
        line.wish(ref, SignalKind.CANCEL)

        assert line.end_of(ref).signal == 9

    def test_a_paused_attempt_stands_still_until_it_is_resumed(self, line, commands):
        ref = line.run(commands.prints_slowly([b"a", b"b"]), run_timeout=60.0)
        line.until(lambda: line.printed(ref) == b"a")
        line.wish(ref, SignalKind.PAUSE)
        for _ in range(8):  # longer than it is from one part to the next
            line.listen(0.5)
        assert line.printed(ref) == b"a"

        line.wish(ref, SignalKind.RESUME)
        assert line.end_of(ref).exit_code == 0
        assert line.printed(ref) == b"ab"

    def test_a_pause_does_not_use_up_the_run_timeout(self, line, commands):
        ref = line.run(commands.prints_slowly([b"a", b"b"]), run_timeout=7.0)
        line.until(lambda: line.printed(ref) == b"a")
        line.wish(ref, SignalKind.PAUSE)
        for _ in range(10):  # with what it needs itself longer than its time
            line.listen(0.5)
        line.wish(ref, SignalKind.RESUME)

        assert line.end_of(ref).ending is Ending.EXIT

    def test_a_pause_does_not_stretch_the_total_timeout(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"), run_timeout=30.0, total_timeout=4.0)
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.PAUSE)

        assert line.end_of(ref).ending is Ending.TIMEOUT

    def test_a_paused_attempt_can_be_cancelled(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"ready"))
        line.until(lambda: line.printed(ref))
        line.wish(ref, SignalKind.PAUSE)
        line.wish(ref, SignalKind.CANCEL)

        assert line.end_of(ref).signal == 15

    # --- time limits ---

    def test_the_run_timeout_ends_an_attempt(self, line, commands):
        ref = line.run(commands.sleeps(3600), run_timeout=0.5)

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.signal, outcome.tree_empty) == (Ending.TIMEOUT, 15, True)

    def test_who_ignores_the_end_of_its_time_is_killed_after_the_grace_period(self, line, commands):
        ref = line.run(commands.ignores_term(), run_timeout=2.0, grace_period=0.5)

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.signal) == (Ending.TIMEOUT, 9)
