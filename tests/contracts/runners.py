"""What any store of runners must do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from runyard.application.ports.runners import RunnerNameTaken
from runyard.domain.runners.errors import RunnerDrivenElsewhere, RunnerNotFound
from runyard.domain.runners.ids import DriverId, RunnerId
from runyard.domain.runners.runner import DriverLease, Runner

from ..builders import NOON, a_runner, a_runner_id
from .lives import HOSTILE
from .stores import Store, at_once


def add(store: Store, runner: Runner) -> Runner:
    with store.begin() as work:
        work.runners.add(runner)
        work.commit()
    return runner


def locked(store: Store, runner_id: RunnerId) -> Runner:
    with store.begin() as work:
        return work.runners.lock(runner_id)


class RunnersContract:
    """The promises of the ports `Runners` and `RunnerReading`."""

    @pytest.mark.parametrize("text", HOSTILE)
    def test_every_field_comes_back(self, store: Store, text: str):
        lease = DriverLease(driver_id=DriverId(text), epoch=2**40, until=NOON + timedelta(microseconds=1))
        runner = add(store, a_runner(name=text, slots=0, queues=("a", "*"), labels={"k": text, "z": "1"}, driver=lease))

        assert locked(store, runner.id) == runner

    def test_a_saved_runner_comes_back_changed(self, store: Store):
        runner = add(store, a_runner())
        later = replace(runner.taken_over(DriverId("d"), now=NOON), slots=9, name="other", labels={"a": "b"})
        with store.begin() as work:
            work.runners.save(later)
            work.commit()

        assert locked(store, runner.id) == later

    def test_a_runner_is_found_by_its_name(self, store: Store):
        runner = add(store, a_runner(name="here"))
        with store.begin() as work:
            assert work.runners.named("here") == runner
            assert work.runners.named("Here") is None

    def test_an_unknown_runner_is_not_found(self, store: Store):
        with store.begin() as work, pytest.raises(RunnerNotFound):
            work.runners.lock(a_runner_id())
        with store.begin() as work, pytest.raises(RunnerNotFound):
            work.runners.save(a_runner())

    def test_names_are_taken_once_and_a_refusal_spoils_nothing(self, store: Store):
        first, second = add(store, a_runner(name="one")), add(store, a_runner(name="two"))
        third = a_runner(name="three")
        with store.begin() as work:
            with pytest.raises(RunnerNameTaken):
                work.runners.add(a_runner(name="one"))
            with pytest.raises(RunnerNameTaken):
                work.runners.save(replace(second, name="one"))
            work.runners.add(third)
            work.commit()

        with store.read() as reading:
            assert reading.runners.names() == {first.id: "one", second.id: "two", third.id: "three"}

    def test_an_uncommitted_runner_never_existed(self, store: Store):
        with store.begin() as work:
            work.runners.add(a_runner())

        with store.read() as reading:
            assert reading.runners.names() == {}

    def test_one_of_twenty_drivers_takes_a_runner_over(self, store: Store):
        runner = add(store, a_runner())

        def take_over(number: int) -> bool:
            with store.begin() as work:
                try:
                    mine = work.runners.lock(runner.id).taken_over(DriverId(f"d{number}"), now=work.now())
                except RunnerDrivenElsewhere:
                    return False
                work.runners.save(mine)
                work.commit()
            return True

        assert at_once(20, take_over).count(True) == 1
