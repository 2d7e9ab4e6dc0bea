import time
from collections.abc import Iterator

import pytest

from runyard.adapters.dramatiq.broker import ControlWorker, redis_broker
from runyard.adapters.dramatiq.control_tasks import RemoteControlTasks
from tests.contracts.control_tasks import ControlTasksContract
from tests.integration.server import until
from tests.integration.valkey import ValkeyServer


class Apart:
    """Errands handed over in one process, and done in another."""

    def __init__(self, url: str) -> None:
        self.tries = 0
        self.failing = False
        self.control_tasks = RemoteControlTasks(redis_broker(url), self.astray)
        self.control_tasks.start()
        there = redis_broker(url)
        RemoteControlTasks(there, self.sweep)
        self.worker = ControlWorker(there, threads=1)
        self.worker.start()

    def astray(self) -> None:
        raise AssertionError("who hands over does not do it")

    def sweep(self) -> None:
        self.tries += 1
        if self.failing:
            raise RuntimeError("told to")

    def pass_time(self, seconds: float) -> None:
        time.sleep(seconds)

    def expect(self, tries: int) -> None:
        end = time.monotonic() + 60
        while self.tries < tries and time.monotonic() < end:
            self.pass_time(0.02)
        assert self.tries == tries

    def close(self) -> None:
        self.control_tasks.stop()
        self.worker.stop()


@pytest.fixture
def carrier(valkey: ValkeyServer) -> Iterator[Apart]:
    carrier = Apart(valkey.url)
    yield carrier
    carrier.close()


class TestControlTasks(ControlTasksContract):
    pass


def test_a_burst_is_few_errands(carrier: Apart) -> None:
    for _ in range(1000):
        carrier.control_tasks.sweep(after=0.3)

    until(lambda: carrier.tries)
    carrier.pass_time(1.0)  # for more of them to come, if there were more

    assert carrier.tries <= 5


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_handing_over_takes_no_time_and_never_fails_when_nobody_carries(
    carrier: Apart, valkey: ValkeyServer, how: str
) -> None:
    valkey.freeze() if how == "frozen" else valkey.stop()
    begun = time.monotonic()

    for number in range(200):
        carrier.control_tasks.sweep(after=number / 100)

    assert time.monotonic() - begun < 0.05 * 200
    if how == "frozen":
        valkey.thaw()
