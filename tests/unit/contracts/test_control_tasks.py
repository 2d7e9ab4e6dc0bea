import time
from collections.abc import Iterator

import pytest

from runyard.adapters.dramatiq.broker import ControlWorker, in_process_broker
from runyard.adapters.dramatiq.control_tasks import DramatiqControlTasks
from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.memory.control_tasks import MemoryControlTasks
from tests.contracts.control_tasks import ControlTasksContract


class Errands:
    """Counts what was tried."""

    def __init__(self) -> None:
        self.tries = 0
        self.failing = False

    def sweep(self) -> None:
        self.tries += 1
        if self.failing:
            raise RuntimeError("told to")


class InMemory(Errands):
    def __init__(self) -> None:
        super().__init__()
        self._clock = ManualClock()
        self.control_tasks = MemoryControlTasks(self.sweep, self._clock.elapsed)

    def pass_time(self, seconds: float) -> None:
        self._clock.advance(seconds)
        self.control_tasks.run_due()

    def expect(self, tries: int) -> None:
        self.pass_time(10)
        assert self.tries == tries


class OnDramatiq(Errands):
    def __init__(self) -> None:
        super().__init__()
        self._broker = in_process_broker()
        self.control_tasks = DramatiqControlTasks(self._broker, self.sweep)
        self.worker = ControlWorker(self._broker)
        self.worker.start()

    def pass_time(self, seconds: float) -> None:
        time.sleep(seconds)  # real threads have no other clock

    def expect(self, tries: int) -> None:
        end = time.monotonic() + 60
        while self.tries < tries and time.monotonic() < end:
            self.pass_time(0.02)
        assert self.tries == tries


@pytest.fixture(params=["memory", "dramatiq"])
def carrier(request: pytest.FixtureRequest) -> Iterator[Errands]:
    if request.param == "memory":
        yield InMemory()
        return
    carrier = OnDramatiq()
    yield carrier
    carrier.worker.stop()


class TestControlTasks(ControlTasksContract):
    pass


def test_stopping_leaves_no_thread_behind_and_tells_no_middleware_twice(caplog: pytest.LogCaptureFixture) -> None:
    carrier = OnDramatiq()
    carrier.control_tasks.sweep()
    carrier.worker.stop()

    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []
