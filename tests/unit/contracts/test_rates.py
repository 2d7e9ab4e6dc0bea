import pytest

from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.memory.rates import MemoryRates
from runyard.adapters.system.clock import MonotonicClock
from runyard.domain.rates.rate import Rate
from tests.contracts.rates import SLOW, OwnRatesContract


class TestMemoryRates(OwnRatesContract):
    @pytest.fixture
    def rates(self) -> MemoryRates:
        return MemoryRates(MonotonicClock())


def test_what_is_full_again_is_forgotten_and_of_many_names_those_that_took_least() -> None:
    clock = ManualClock()
    rates = MemoryRates(clock, most_names=100)
    quick = Rate(per_second=1, most=5)
    for number in range(100):
        rates.take(f"quick {number}", quick)
    clock.advance(10)
    rates.take("greedy", SLOW, 5)
    assert len(rates) == 1

    for number in range(1000):
        rates.take(f"invented {number}", SLOW)

    assert len(rates) <= 100
    assert not rates.take("greedy", SLOW).granted
