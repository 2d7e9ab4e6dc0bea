"""Who drives which host, on a virtual clock: drivers that only say what became of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from runyard.application.jobs.assign_jobs import AssignJobsCommand
from runyard.application.ports.executor import Hello, HostUnreachable
from runyard.application.ports.ssh_hosts import SshLoginRefused
from runyard.application.runners.add_runner import AddRunnerCommand
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.application.runners.check_runner import CheckRunnerCommand
from runyard.application.runners.edit_runner import EditRunnerCommand, TargetEdit
from runyard.application.runners.release_driver import ReleaseDriverCommand
from runyard.application.runners.remove_runner import RemoveRunnerCommand
from runyard.domain.jobs.lanes import Placement
from runyard.domain.runners.ids import DriverId, RunnerId
from runyard.domain.runners.runner import Runner
from runyard.entrypoints.worker.fleet import Fleet
from tests.builders import a_target
from tests.unit.application.yard import MemoryYard

ME = DriverId("me")


class Told:
    """A driver that takes the runner over, and leaves when the test says so."""

    def __init__(self, yard: MemoryYard, runner: Runner) -> None:
        self.yard, self.runner = yard, runner
        self.left = False
        self.trouble: HostUnreachable | None = None
        self._epoch = 0

    def start(self, runner_id: RunnerId, driver_id: DriverId) -> None:
        adopted = self.yard.adopt_runner.execute(AdoptRunnerCommand(runner_id=runner_id, driver_id=driver_id))
        assert adopted.runner.driver is not None
        self._epoch = adopted.runner.driver.epoch

    def stop(self, timeout: float) -> bool:
        self.left = True
        return timeout >= 0

    def fails(self, trouble: HostUnreachable) -> None:
        self.left, self.trouble = True, trouble
        command = ReleaseDriverCommand(runner_id=self.runner.id, epoch=self._epoch, trouble=str(trouble))
        self.yard.release_driver.execute(command)


class House:
    def __init__(self) -> None:
        self.yard = MemoryYard()
        self.drivers: list[Told] = []
        self.fleet = Fleet(self.yard.store.read, self._driver, ME, self.yard.clock)

    def _driver(self, runner: Runner) -> Any:
        self.drivers.append(Told(self.yard, runner))
        return self.drivers[-1]

    def add(self, name: str = "far") -> Runner:
        return self.yard.add_runner.execute(AddRunnerCommand(name=name, target=a_target())).runner

    def has_begun(self, count: int) -> bool:
        return len(self.drivers) == count

    def looks_until(self, met: Callable[[], object], most: float) -> float:
        """How long that took, looking each second."""
        begun = self.yard.clock.elapsed()
        while not met():
            assert self.yard.clock.elapsed() - begun < most, "not in time"
            self.yard.clock.advance(1)
            self.fleet.look()
        return self.yard.clock.elapsed() - begun


@pytest.fixture
def house() -> House:
    return House()


def test_a_host_that_is_added_is_driven_and_others_are_not(house: House) -> None:
    house.fleet.look()
    assert house.drivers == []
    house.add()
    house.fleet.look()
    house.fleet.look()

    assert [driver.runner.name for driver in house.drivers] == ["far"]


def test_what_another_process_drives_is_left_to_it_until_its_lease_ends(house: House) -> None:
    runner = house.add()
    house.yard.adopt_runner.execute(AdoptRunnerCommand(runner_id=runner.id, driver_id=DriverId("other")))
    house.fleet.look()
    assert house.drivers == []

    house.yard.clock.advance(16)
    house.fleet.look()
    assert len(house.drivers) == 1


def test_a_host_that_fails_is_tried_again_later_and_later(house: House) -> None:
    house.add()
    waits = []
    for count in range(1, 60):
        waits.append(house.looks_until(partial(house.has_begun, count), most=40))
        house.drivers[-1].fails(HostUnreachable("no route"))

    assert max(waits[:4]) <= 6
    assert 15 < max(waits) <= 32
    assert min(waits[10:]) < 10


def test_a_connection_that_held_and_broke_is_made_again_at_once(house: House) -> None:
    house.add()
    house.fleet.look()
    house.yard.clock.advance(14)
    house.yard.clock.advance(17)
    house.drivers[-1].fails(HostUnreachable("cut"))

    assert house.looks_until(lambda: len(house.drivers) == 2, most=3) <= 2


def test_who_refuses_us_is_left_alone_for_a_minute_unless_a_check_finds_it_well(house: House) -> None:
    house.add()
    house.fleet.look()
    house.drivers[-1].fails(SshLoginRefused("no"))
    assert house.looks_until(lambda: len(house.drivers) == 2, most=130) >= 60

    house.drivers[-1].fails(SshLoginRefused("no"))
    house.fleet.look()
    house.yard.check_runner.execute(CheckRunnerCommand(runner="far"))
    assert house.looks_until(lambda: len(house.drivers) == 3, most=3) <= 1


def test_while_leases_run_out_there_a_host_is_tried_again_in_time(house: House) -> None:
    yard, runner = house.yard, house.add()
    house.fleet.look()
    job = yard.submit(placement=Placement(runner="far"))
    hello = Hello(nonce="n", boot_id="b", stamp=1.0, containment="cgroup2")
    assert [each.job.id for each in yard.assign_jobs.execute(
        AssignJobsCommand(runner_id=runner.id, epoch=1, hello=hello, most=1)
    )] == [job.id]  # fmt: skip
    yard.clock.advance(540)  # of the ten minutes that it has
    tries = 0
    while yard.clock.elapsed() < 598:
        house.drivers[-1].fails(SshLoginRefused("no"))
        tries = len(house.drivers)
        house.looks_until(partial(house.has_begun, tries + 1), most=17)

    assert 6 <= tries <= 30


def test_a_host_that_moved_gets_another_driver_and_a_removed_one_none(house: House) -> None:
    house.add()
    house.fleet.look()
    house.yard.edit_runner.execute(EditRunnerCommand(runner="far", target=TargetEdit(port=2222)))
    house.looks_until(lambda: len(house.drivers) == 2, most=3)
    assert (house.drivers[0].left, house.drivers[1].runner.ssh) == (True, a_target(port=2222))

    house.yard.remove_runner.execute(RemoveRunnerCommand(runner="far"))
    house.fleet.look()
    house.fleet.look()
    assert (house.drivers[1].left, len(house.drivers)) == (True, 2)


def test_one_host_that_fails_holds_up_no_other(house: House) -> None:
    for name in ("a", "b", "c"):
        house.add(name)
    house.fleet.look()
    house.drivers[0].fails(HostUnreachable("no route"))
    house.add("d")
    house.fleet.look()

    assert [driver.runner.name for driver in house.drivers][:4] == ["a", "b", "c", "d"]
