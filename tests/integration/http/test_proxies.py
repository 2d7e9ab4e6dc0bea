"""Behind a proxy: whose word counts about where a request comes from."""

from collections.abc import Iterator

import pytest
import structlog

from runyard.adapters.memory.rates import MemoryRates
from runyard.adapters.system.clock import MonotonicClock
from runyard.domain.rates.rate import Rate
from runyard.entrypoints.http.hosts import Hosts
from runyard.entrypoints.http.terms import Terms
from runyard.entrypoints.serving import Manners

from .served import Served, served


def a_server(*proxies: str) -> Iterator[Served]:
    terms = Terms(
        hosts=Hosts.of("127.0.0.1", ["runyard.example.org"]),
        rates=MemoryRates(MonotonicClock()),
        per_address=Rate(per_second=0.001, most=3),
        failed_logins=Rate(per_second=0.001, most=30),
    )
    with served(terms=terms, manners=Manners(proxies=proxies)) as server:
        yield server


@pytest.fixture
def trusting():
    yield from a_server("127.0.0.1", "10.0.0.0/8")


@pytest.fixture
def trusting_nobody():
    yield from a_server()


def answers(server: Served, *forwarded: str, **headers: str) -> list[int]:
    with server.client(**headers) as client:
        return [client.get("jobs", headers=[("X-Forwarded-For", value)]).status_code for value in forwarded]


def address_of(server: Served, *forwarded: str) -> str:
    """From where the server says a wrong token came."""
    with structlog.testing.capture_logs() as lines, server.client(Authorization="Bearer wrong") as client:
        client.get("jobs", headers=[("X-Forwarded-For", value) for value in forwarded])
    return str(lines[-1]["address"])


def test_each_client_behind_a_trusted_proxy_has_limits_of_its_own(trusting) -> None:
    assert answers(trusting, *["203.0.113.1"] * 4) == [200, 200, 200, 429]
    assert answers(trusting, "203.0.113.2") == [200]


def test_nobody_else_may_say_where_he_comes_from(trusting_nobody) -> None:
    assert answers(trusting_nobody, *[f"203.0.113.{number}" for number in range(4)]) == [200, 200, 200, 429]


def test_what_a_client_says_before_the_proxy_adds_its_word_does_not_count(trusting) -> None:
    assert address_of(trusting, "198.51.100.9, 203.0.113.1") == "203.0.113.1"
    assert address_of(trusting, "198.51.100.9", "203.0.113.1") == "203.0.113.1"
    assert address_of(trusting, "198.51.100.9, 203.0.113.1, 10.2.3.4") == "203.0.113.1"


def test_nonsense_in_it_is_nobody_in_particular(trusting) -> None:
    assert address_of(trusting, "<script>") == "unknown"


def test_a_proxy_says_whether_it_was_spoken_to_in_tls(trusting, trusting_nobody) -> None:
    for server, told in ((trusting, True), (trusting_nobody, False)):
        with server.client(**{"X-Forwarded-Proto": "https", "Host": "runyard.example.org"}) as client:
            assert ("strict-transport-security" in client.get("jobs").headers) == told
