"""TERM, grace, KILL; and time stands still while paused."""

from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM

from hypothesis import given
from hypothesis import strategies as st

from runyard.adapters.supervised.program.ladder import Ladder
from runyard.adapters.supervised.program.timers import Timers


def begun(run_timeout: float | None = None, grace: float = 10.0) -> Ladder:
    ladder = Ladder(run_timeout, grace)
    ladder.begin(100.0)
    return ladder


def test_without_a_timeout_nothing_is_ever_due() -> None:
    assert begun().next_at is None
    assert begun().due(1e9) == []


def test_a_timeout_is_term_then_kill() -> None:
    ladder = begun(5.0, grace=2.0)
    assert (ladder.next_at, ladder.due(104.9), ladder.due(105.0)) == (105.0, [], [SIGTERM])
    assert (ladder.next_at, ladder.due(106.9), ladder.due(107.0)) == (107.0, [], [SIGKILL])
    assert (ladder.cause, ladder.next_at) == ("timeout", None)


def test_the_first_cause_stays() -> None:
    ladder = begun(5.0)
    assert ladder.end(101.0, "cancel") == [SIGTERM]
    assert ladder.end(102.0, "cancel") == []
    assert ladder.due(105.0) == []
    assert ladder.next_at == 111.0
    assert ladder.kill("cancel") == [SIGKILL]
    assert ladder.cause == "cancel"


def test_a_pause_takes_no_time() -> None:
    ladder = begun(5.0)
    assert ladder.pause(102.0) == [SIGSTOP]
    assert ladder.pause(102.0) == []
    assert (ladder.next_at, ladder.due(1000.0)) == (None, [])
    assert ladder.resume(1000.0) == [SIGCONT]
    assert ladder.resume(1000.0) == []
    assert ladder.next_at == 1003.0


def test_the_total_time_does_not_stand_still() -> None:
    ladder = Ladder(5.0, 2.0, 8.0)
    ladder.begin(100.0)
    assert ladder.next_at == 105.0
    ladder.pause(101.0)
    assert (ladder.next_at, ladder.due(107.9)) == (108.0, [])
    ladder.resume(107.0)
    assert ladder.next_at == 108.0
    assert ladder.due(108.0) == [SIGTERM]
    assert ladder.next_at == 110.0


def test_who_is_paused_is_woken_to_hear_term() -> None:
    ladder = begun(5.0)
    ladder.pause(102.0)
    assert ladder.end(103.0, "cancel") == [SIGTERM, SIGCONT]
    assert ladder.pause(104.0) == []
    assert ladder.resume(104.0) == []


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.one_of(st.none(), st.floats(0, 100))), max_size=300))
def test_timers_are_due_once_at_the_time_set_last(settings) -> None:
    timers, expected = Timers(), {}
    for key, at in settings:
        timers.set(key, at)
        expected[key] = at

    assert sorted(timers.due(50.0)) == sorted(key for key, at in expected.items() if at is not None and at <= 50.0)
    assert timers.due(50.0) == []
    assert sorted(timers.due(100.0)) == sorted(key for key, at in expected.items() if at is not None and at > 50.0)


def alone(term: float = 20.0, kill: float = 30.0, grace: float = 10.0, run_timeout: float | None = None) -> Ladder:
    """Heard of at 100 for the last time."""
    ladder = Ladder(run_timeout, grace, deadman=(term, kill))
    assert ladder.heard(100.0, 100.0)
    ladder.begin(101.0)
    return ladder


def test_who_hears_of_nobody_gets_term_and_kill_at_times_of_their_own() -> None:
    ladder = alone(grace=3600.0)
    assert (ladder.next_at, ladder.due(119.9), ladder.due(120.0)) == (120.0, [], [SIGTERM])
    assert (ladder.next_at, ladder.due(129.9), ladder.due(130.0)) == (130.0, [], [SIGKILL])
    assert ladder.cause == "deadman"


def test_past_the_lease_it_is_kill_at_once() -> None:
    ladder = alone()
    assert ladder.due(131.0) == [SIGKILL]
    assert ladder.cause == "deadman"


def test_a_word_moves_both_and_an_older_one_neither() -> None:
    ladder = alone()
    assert ladder.heard(110.0, 112.0)
    assert (ladder.next_at, ladder.lapses_at) == (130.0, 140.0)
    assert not ladder.heard(105.0, 113.0)
    assert not ladder.heard(120.0, 113.0)
    assert ladder.next_at == 130.0


def test_no_word_brings_back_what_is_over() -> None:
    ladder = alone()
    assert not ladder.heard(129.0, 130.0)
    assert ladder.due(130.0) == [SIGKILL]


def test_whichever_limit_comes_first_is_the_cause() -> None:
    ladder = alone(run_timeout=5.0, grace=2.0)
    assert (ladder.next_at, ladder.due(106.0), ladder.cause) == (106.0, [SIGTERM], "timeout")
    assert ladder.due(108.0) == [SIGKILL]

    late = alone(run_timeout=25.0)
    assert (late.due(120.0), late.cause) == ([SIGTERM], "deadman")


def test_no_grace_outlasts_the_lease() -> None:
    ladder = alone(grace=3600.0)
    assert ladder.end(105.0, "cancel") == [SIGTERM]
    assert (ladder.next_at, ladder.due(130.0), ladder.cause) == (130.0, [SIGKILL], "cancel")


def test_a_kill_past_the_lease_was_the_guards_and_one_before_it_somebody_elses() -> None:
    for now, status, cause in [(130.0, SIGKILL, "deadman"), (129.0, SIGKILL, None), (130.0, 3 << 8, None)]:
        ladder = alone()
        ladder.reaped(int(status), now)
        assert ladder.cause == cause
