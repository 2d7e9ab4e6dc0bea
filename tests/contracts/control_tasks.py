"""What any carrier of control tasks must do."""

from typing import Protocol

from runyard.application.ports.control_tasks import HORIZON, ControlTasks


class Carrier(Protocol):
    """A carrier under test; `sweep` fails the first time if `failing`."""

    control_tasks: ControlTasks
    sweeps: int
    failing: bool

    def pass_time(self, seconds: float) -> None:
        """Let so many seconds pass, and whatever is due happen."""


class ControlTasksContract:
    def test_an_errand_is_done_soon(self, carrier: Carrier) -> None:
        carrier.control_tasks.sweep()

        carrier.pass_time(0.3)

        assert carrier.sweeps == 1

    def test_a_later_errand_waits_for_its_moment(self, carrier: Carrier) -> None:
        carrier.control_tasks.sweep(after=0.8)

        carrier.pass_time(0.3)
        assert carrier.sweeps == 0
        carrier.pass_time(1.0)
        assert carrier.sweeps == 1

    def test_what_lies_far_ahead_is_left_to_the_tick(self, carrier: Carrier) -> None:
        carrier.control_tasks.sweep(after=HORIZON + 1)

        carrier.pass_time(0.3)

        assert carrier.sweeps == 0

    def test_an_errand_that_fails_does_not_stop_the_next(self, carrier: Carrier) -> None:
        carrier.failing = True
        carrier.control_tasks.sweep()
        carrier.pass_time(0.3)
        carrier.failing = False

        carrier.control_tasks.sweep()
        carrier.pass_time(0.3)

        assert carrier.sweeps == 1
