from datetime import timedelta

import pytest

from runyard.domain.runners.availability import (
    TRANSITIONS,
    Availability,
    AvailabilityAction,
    AvailabilityState,
    IllegalAvailability,
)
from runyard.domain.runners.errors import InvalidRunner, RunnerEditedMeanwhile, RunnerInUse
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.runner import DRIVER_LEASE
from runyard.domain.runners.settings import RunnerSettings, check_name
from tests.builders import NOON, a_runner

CORDON, UNCORDON, PAUSE, DRAIN = AvailabilityAction
HOUR = timedelta(hours=1)


def closed(state: AvailabilityState) -> Availability:
    return Availability(state=state, until=NOON + HOUR if state is AvailabilityState.PAUSED else None, since=NOON)


@pytest.mark.parametrize("state", AvailabilityState)
@pytest.mark.parametrize("action", AvailabilityAction)
def test_the_table_decides_and_nothing_else(state: AvailabilityState, action: AvailabilityAction) -> None:
    before = closed(state) if state is not AvailabilityState.OPEN else Availability()
    if (state, action) not in TRANSITIONS:
        with pytest.raises(IllegalAvailability, match=f"a {state} runner cannot {action}"):
            before.after(action, now=NOON)
        return

    assert before.after(action, now=NOON, until=NOON + HOUR).state is TRANSITIONS[state, action]


@pytest.mark.parametrize("state", AvailabilityState)
def test_every_runner_can_be_opened_and_keeps_nothing_of_what_closed_it(state: AvailabilityState) -> None:
    assert closed(state).after(UNCORDON, now=NOON) == Availability()


def test_only_an_open_runner_takes_work() -> None:
    runner = a_runner()

    assert runner.takes_work(NOON)
    for action in (CORDON, PAUSE, DRAIN):
        assert not runner.decided(action, now=NOON, until=NOON + HOUR).takes_work(NOON)


def test_a_pause_ends_by_itself_and_leaves_nothing_behind() -> None:
    runner = a_runner().decided(PAUSE, now=NOON, until=NOON + HOUR, note="backup")

    assert not runner.takes_work(NOON + HOUR - timedelta.resolution)
    assert runner.takes_work(NOON + HOUR)
    assert runner.decided(CORDON, now=NOON + HOUR).availability.since == NOON + HOUR


def test_a_cordon_and_a_drain_never_end_by_themselves() -> None:
    for action in (CORDON, DRAIN):
        assert not a_runner().decided(action, now=NOON, until=NOON).takes_work(NOON + 1000 * HOUR)


def test_deciding_the_same_again_replaces_the_end_and_the_note_and_keeps_since_when() -> None:
    once = a_runner().decided(DRAIN, now=NOON, until=NOON + HOUR, note="one")
    again = once.decided(DRAIN, now=NOON + HOUR, until=NOON + 3 * HOUR, note="two").availability

    assert (again.until, again.note, again.since) == (NOON + 3 * HOUR, "two", NOON)


def test_a_drain_is_overdue_from_its_deadline_on_and_a_cordon_calls_it_off() -> None:
    draining = a_runner().decided(DRAIN, now=NOON, until=NOON + HOUR)

    assert not draining.availability.overdue(NOON + HOUR - timedelta.resolution)
    assert draining.availability.overdue(NOON + HOUR)
    assert not draining.decided(CORDON, now=NOON + HOUR).availability.overdue(NOON + 2 * HOUR)
    assert not a_runner().decided(DRAIN, now=NOON).availability.overdue(NOON + 1000 * HOUR)


def test_an_edit_counts_unless_it_changes_nothing() -> None:
    runner = a_runner(slots=2)
    edited = runner.edited(RunnerSettings(slots=3, queues=("gpu",), labels={"zone": "a"}))

    assert (edited.slots, edited.queues, edited.labels, edited.revision) == (3, ("gpu",), {"zone": "a"}, 2)
    assert edited.edited(edited.settings) is edited


def test_an_edit_of_what_was_edited_meanwhile_is_refused() -> None:
    runner = a_runner().edited(RunnerSettings(slots=3))

    with pytest.raises(RunnerEditedMeanwhile, match="revision 2"):
        runner.edited(RunnerSettings(slots=4), revision=1)
    assert runner.edited(RunnerSettings(slots=4), revision=2).slots == 4


def test_a_driven_or_a_busy_runner_is_not_removed() -> None:
    driven = a_runner().taken_over(DriverId("d"), now=NOON)

    with pytest.raises(RunnerInUse, match="driven"):
        driven.removable(busy=0, now=NOON)
    with pytest.raises(RunnerInUse, match="2 of its slots"):
        driven.removable(busy=2, now=NOON + DRIVER_LEASE)
    assert driven.removable(busy=0, now=NOON + DRIVER_LEASE) is driven


def test_a_runner_is_online_while_its_driver_is_heard() -> None:
    runner = a_runner().taken_over(DriverId("d"), now=NOON)

    assert not a_runner().online(NOON)
    assert runner.online(NOON + DRIVER_LEASE - timedelta.resolution)
    assert not runner.online(NOON + DRIVER_LEASE)
    heard = runner.heard_from(1, now=NOON + HOUR).driver
    assert heard
    assert (heard.since, heard.heard_at) == (NOON, NOON + HOUR)


def test_wrong_settings_are_all_named() -> None:
    with pytest.raises(InvalidRunner) as refused:
        RunnerSettings(slots=-1, queues=("a b",), labels={"k/~": "x" * 300, "": ""})

    pointers = [problem.pointer for problem in refused.value.problems]
    assert pointers == ["/slots", "/queues/0", "/labels/k~1~0", "/labels/k~1~0", "/labels/"]
    with pytest.raises(InvalidRunner, match="/queues"):
        RunnerSettings(slots=1, queues=())


@pytest.mark.parametrize("name", ["", "a b", "a/b", "-a", "x" * 64, "ä"])
def test_a_name_fits_into_an_address(name: str) -> None:
    with pytest.raises(InvalidRunner, match="/name"):
        check_name(name)
