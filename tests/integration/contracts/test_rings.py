import time
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from runyard.adapters.redis.connecting import ANSWER_SECONDS, RingsUnfit, RingsUnreachable, check
from runyard.adapters.redis.rings import RedisRings
from tests.contracts.rings import RingsContract
from tests.integration.server import until
from tests.integration.valkey import ValkeyServer


class Apart:
    """Two processes' rings as one: rung in the one, heard in the other."""

    def __init__(self, url: str) -> None:
        self.here, self.there = RedisRings(url), RedisRings(url)
        for each in (self.here, self.there):
            each.start()
            each.hears()

    def ring(self, topics: set[str]) -> None:
        self.here.ring(topics)

    def listen(self, topic: str, heard: Callable[[], None]) -> Callable[[], None]:
        return self.there.listen(topic, heard)

    def close(self) -> None:
        self.here.stop()
        self.there.stop()


@pytest.fixture
def apart(valkey: ValkeyServer) -> Iterator[Apart]:
    apart = Apart(valkey.url)
    yield apart
    apart.close()


class TestWithinOneProcess(RingsContract):
    @pytest.fixture
    def rings(self, apart: Apart) -> RedisRings:
        return apart.here


class TestBetweenProcesses(RingsContract):
    @pytest.fixture
    def rings(self, apart: Apart) -> Apart:
        return apart


def test_a_ring_is_heard_once_by_who_rang(apart: Apart) -> None:
    heard: list[int] = []
    apart.here.listen("topic", lambda: heard.append(1))
    there = Event()
    apart.listen("topic", there.set)

    apart.ring({"topic"})

    assert there.wait(60)
    time.sleep(0.1)
    assert heard == [1]


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_ringing_takes_no_time_and_never_fails_when_nobody_carries(
    apart: Apart, valkey: ValkeyServer, how: str
) -> None:
    valkey.freeze() if how == "frozen" else valkey.stop()
    heard = Event()
    apart.here.listen("topic", heard.set)
    slowest = 0.0

    for _ in range(200):
        begun = time.monotonic()
        apart.ring({"topic"})
        slowest = max(slowest, time.monotonic() - begun)

    assert slowest < ANSWER_SECONDS / 2
    assert heard.is_set()


def test_rings_reach_the_others_again_after_a_restart(apart: Apart, valkey: ValkeyServer) -> None:
    valkey.stop()
    apart.ring({"topic"})
    valkey.start()
    heard = Event()
    apart.listen("topic", heard.set)

    def rung() -> bool:
        apart.ring({"topic"})
        return heard.wait(0.2)

    until(rung)


def test_what_is_not_ours_on_the_channel_is_ignored(apart: Apart, valkey: ValkeyServer) -> None:
    heard = Event()
    apart.listen("topic", heard.set)
    with valkey.client() as client:
        for junk in (b"\xff", b"[]", b"{}", b'{"from": 1, "topics": 3}', b'{"from": "x", "topics": [1, null]}'):
            client.publish("runyard:0:rings", junk)

    apart.ring({"topic"})

    assert heard.wait(60)


def test_the_check_tells_silence_from_refusal(valkey: ValkeyServer) -> None:
    check(valkey.url)
    with valkey.client() as client:
        client.config_set("requirepass", "secret")
    with pytest.raises(RingsUnfit, match="RUNYARD_REDIS_URL"):
        check(valkey.url)
    valkey.stop()
    with pytest.raises(RingsUnreachable, match="RUNYARD_REDIS_URL"):
        check(valkey.url)
