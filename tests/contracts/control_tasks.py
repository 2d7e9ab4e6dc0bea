"""What any carrier of control tasks must do."""

from typing import Protocol

from runyard.application.ports.control_tasks import HORIZON, ControlTasks


class Carrier(Protocol):
    """A carrier under test. An errand counts as tried, and fails while `failing`."""

    control_tasks: ControlTasks
    tries: int
    failing: bool

    def pass_time(self, seconds: float) -> None:
        """Let so many seconds pass, and whatever is due happen."""

    def expect(self, tries: int) -> None:
        """Let time pass until so many errands were tried, within reason."""


class ControlTasksContract:
    def test_an_errand_is_done_soon(self, carrier: Carrier) -> None:
        carrier.control_tasks.sweep()

        carrier.expect(tries=1)

    def test_a_later_errand_waits_for_its_moment(self, carrier: Carrier) -> None:
        carrier.control_tasks.sweep(after=3.0)

        carrier.pass_time(0.3)
        assert carrier.tries == 0
        carrier.expect(tries=1)

    def test_what_lies_far_ahead_is_left_to_the_tick(self, carrier: Carrier) -> None:
        carrier.control_tasks.sweep(after=HORIZON + 1)

        carrier.pass_time(0.3)

        assert carrier.tries == 0

    def test_an_errand_that_fails_does_not_stop_the_next(self, carrier: Carrier) -> None:
        carrier.failing = True
        carrier.control_tasks.sweep()
        carrier.expect(tries=1)
        carrier.failing = False

        carrier.control_tasks.sweep()

        carrier.expect(tries=2)
