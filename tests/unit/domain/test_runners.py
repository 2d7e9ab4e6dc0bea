from datetime import timedelta

import pytest

from runyard.domain.runners.errors import DriverLost, RunnerDrivenElsewhere
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.runner import DRIVER_LEASE, RunnerKind
from tests.builders import NOON, a_runner, a_target

ONE, OTHER = DriverId("one"), DriverId("other")
MOMENT = timedelta(microseconds=1)


def test_a_runner_nobody_drives_can_be_taken_over():
    lease = a_runner().taken_over(ONE, now=NOON).driver

    assert lease
    assert (lease.driver_id, lease.epoch, lease.until) == (ONE, 1, NOON + DRIVER_LEASE)


def test_a_driven_runner_is_not_taken_from_its_driver():
    runner = a_runner(name="box").taken_over(ONE, now=NOON)

    with pytest.raises(RunnerDrivenElsewhere, match="'box'"):
        runner.taken_over(OTHER, now=NOON + DRIVER_LEASE - MOMENT)


def test_a_lease_that_has_ended_goes_to_the_next_driver_under_a_new_epoch():
    runner = a_runner().taken_over(ONE, now=NOON).taken_over(OTHER, now=NOON + DRIVER_LEASE)

    assert runner.driver
    assert (runner.driver.driver_id, runner.driver.epoch) == (OTHER, 2)
    with pytest.raises(DriverLost):
        runner.heard_from(1, now=NOON + DRIVER_LEASE)
    with pytest.raises(DriverLost):
        runner.driven_under(1)
    assert runner.driven_under(2) is runner


def test_a_restarted_driver_takes_over_from_itself_at_once():
    runner = a_runner().taken_over(ONE, now=NOON).taken_over(ONE, now=NOON)

    assert runner.driver
    assert runner.driver.epoch == 2
    with pytest.raises(DriverLost):
        runner.driven_under(1)


def test_a_heartbeat_moves_the_lease():
    runner = a_runner().taken_over(ONE, now=NOON).heard_from(1, now=NOON + DRIVER_LEASE)

    assert runner.driver
    assert (runner.driver.epoch, runner.driver.until) == (1, NOON + 2 * DRIVER_LEASE)


def test_a_late_heartbeat_counts_as_long_as_nobody_took_over():
    runner = a_runner().taken_over(ONE, now=NOON).heard_from(1, now=NOON + 100 * DRIVER_LEASE)

    with pytest.raises(RunnerDrivenElsewhere):
        runner.taken_over(OTHER, now=NOON + 100 * DRIVER_LEASE)


def test_nobody_drives_a_new_runner():
    with pytest.raises(DriverLost):
        a_runner().driven_under(1)
    with pytest.raises(DriverLost):
        a_runner().heard_from(0, now=NOON)


def test_a_runner_takes_from_its_queues():
    assert a_runner().takes_from("anything")
    assert a_runner(queues=("gpu",)).takes_from("gpu")
    assert not a_runner(queues=("gpu",)).takes_from("default")


def test_who_took_over_a_host_elsewhere_has_reached_it_when_it_was_heard_of_again() -> None:
    far = a_runner(kind=RunnerKind.SSH, ssh=a_target()).taken_over(ONE, now=NOON)
    soon = NOON + timedelta(seconds=1)

    assert (far.online(soon), far.reached(soon)) == (True, False)
    assert far.heard_from(1, now=soon).reached(soon)
    assert not far.heard_from(1, now=soon).taken_over(ONE, now=soon).reached(soon)
    assert a_runner().taken_over(ONE, now=NOON).reached(soon)
