import pytest

from runyard.application.ports.runners import RunnerNameTaken
from runyard.application.runners.register_runner import RegisterRunnerCommand
from runyard.application.runners.release_driver import ReleaseDriverCommand
from runyard.application.runners.renew_driver import RenewDriverCommand
from runyard.domain.runners.errors import DriverLost, RunnerDrivenElsewhere
from runyard.domain.runners.runner import RunnerKind
from tests.builders import a_runner_id
from tests.unit.application.yard import MemoryYard


def test_a_takeover_fences_off_whoever_drove_before(yard: MemoryYard) -> None:
    job = yard.assigned()

    yard.adopt("driver")

    adopted = yard.get(job.id)
    assert (adopted.fence, adopted.ref, adopted.state) == (job.fence + 1, job.ref, "claimed")


def test_another_driver_waits_for_the_lease_to_end(yard: MemoryYard) -> None:
    with pytest.raises(RunnerDrivenElsewhere):
        yard.adopt("another")

    yard.clock.advance(15)
    assert yard.adopt("another").driver is not None


def test_a_heartbeat_keeps_the_lease_and_an_old_epoch_has_none(yard: MemoryYard) -> None:
    old = yard.epoch
    yard.clock.advance(14)
    yard.renew_driver.execute(RenewDriverCommand(runner_id=yard.runner.id, epoch=old))
    yard.clock.advance(14)
    with pytest.raises(RunnerDrivenElsewhere):
        yard.adopt("another")

    yard.adopt("driver")
    with pytest.raises(DriverLost):
        yard.renew_driver.execute(RenewDriverCommand(runner_id=yard.runner.id, epoch=old))


def test_a_runner_registered_again_keeps_its_identity(yard: MemoryYard) -> None:
    again = yard.register_runner.execute(RegisterRunnerCommand(name="here", kind=RunnerKind.LOCAL, slots=7))

    assert (again.id, again.slots) == (yard.runner.id, 7)
    assert again.driver == yard.runner.driver


def test_a_driver_that_leaves_on_purpose_makes_room_at_once(yard: MemoryYard) -> None:
    yard.release_driver.execute(ReleaseDriverCommand(runner_id=yard.runner.id, epoch=yard.epoch))

    assert yard.adopt("another").driver is not None


def test_who_was_taken_over_from_has_nothing_left_to_give_up(yard: MemoryYard) -> None:
    old = yard.epoch
    yard.adopt("driver")

    with pytest.raises(DriverLost):
        yard.release_driver.execute(ReleaseDriverCommand(runner_id=yard.runner.id, epoch=old))


def test_a_name_is_not_given_to_a_machine_with_another_identity(yard: MemoryYard) -> None:
    command = RegisterRunnerCommand(name="here", kind=RunnerKind.LOCAL, slots=1, id=a_runner_id())
    with pytest.raises(RunnerNameTaken):
        yard.register_runner.execute(command)
