import time
from collections.abc import Iterator

import pytest

from runyard.adapters.memory.rates import MemoryRates
from runyard.adapters.redis.connecting import ANSWER_SECONDS
from runyard.adapters.redis.rates import RedisRates
from runyard.adapters.system.clock import MonotonicClock
from tests.contracts.rates import SLOW, RatesContract
from tests.integration.server import until
from tests.integration.valkey import ValkeyServer


@pytest.fixture
def apart(valkey: ValkeyServer) -> Iterator[tuple[RedisRates, RedisRates]]:
    """Those of two processes."""
    here, there = (RedisRates(valkey.url, MemoryRates(MonotonicClock())) for _ in range(2))
    for each in (here, there):
        each.start()
    yield here, there
    for each in (here, there):
        each.stop()


class TestRedisRates(RatesContract):
    @pytest.fixture
    def rates(self, apart: tuple[RedisRates, RedisRates]) -> RedisRates:
        return apart[0]


def refused(rates: RedisRates, name: str) -> bool:
    return not rates.take(name, SLOW).granted


def test_what_one_process_took_another_one_finds_gone(
    apart: tuple[RedisRates, RedisRates], valkey: ValkeyServer
) -> None:
    here, there = apart
    here.take("mine", SLOW, 4)
    with valkey.client() as client:
        until(lambda: client.keys("runyard:0:rates:mine"))

    assert there.take("mine", SLOW).left == 4, "nobody waits for what the others say"
    until(lambda: there.take("mine", SLOW, 0).left == 0)
    assert refused(there, "mine")
    assert there.take("other", SLOW).left == 4


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_without_redis_each_counts_by_itself_and_nobody_waits(
    apart: tuple[RedisRates, RedisRates], valkey: ValkeyServer, how: str
) -> None:
    valkey.freeze() if how == "frozen" else valkey.stop()
    slowest, granted = 0.0, 0

    for _ in range(200):
        begun = time.monotonic()
        granted += apart[0].take("mine", SLOW).granted
        slowest = max(slowest, time.monotonic() - begun)

    assert granted == 5
    assert apart[1].take("mine", SLOW).granted
    assert slowest < ANSWER_SECONDS / 2


def test_they_are_shared_again_after_a_restart(apart: tuple[RedisRates, RedisRates], valkey: ValkeyServer) -> None:
    here, there = apart
    valkey.stop()
    here.take("lost", SLOW, 5)
    time.sleep(0.3)
    valkey.start()

    def heard() -> bool:
        here.take("mine", SLOW)
        time.sleep(0.15)
        there.take("mine", SLOW, 0.01)
        time.sleep(0.15)
        return there.take("mine", SLOW, 0).left == 0

    until(heard)


def test_nothing_readable_is_left_behind_and_all_of_it_expires(
    apart: tuple[RedisRates, RedisRates], valkey: ValkeyServer
) -> None:
    apart[0].take("mine", SLOW)
    with valkey.client() as client:
        until(lambda: client.keys("runyard:0:rates:*"))
        (key,) = client.keys("runyard:0:rates:*")

        assert 0 < client.pttl(key) <= 2 * SLOW.window * 1000


def test_what_is_not_ours_in_redis_does_not_matter(apart: tuple[RedisRates, RedisRates], valkey: ValkeyServer) -> None:
    with valkey.client() as client:
        client.set("runyard:0:rates:mine", "junk")
        apart[0].take("mine", SLOW, 5)

        until(lambda: client.get("runyard:0:rates:mine") != b"junk")
    assert refused(apart[0], "mine")
