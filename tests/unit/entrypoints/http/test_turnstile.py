import json
from typing import Any

import pytest
import structlog

from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.memory.rates import MemoryRates
from runyard.domain.rates.rate import Rate
from runyard.entrypoints.http.callers import Caller
from runyard.entrypoints.http.problems import Refused
from runyard.entrypoints.http.terms import Terms
from runyard.entrypoints.http.turnstile import Turnstile

from .house import HOSTS, JOBS, WITH_TOKEN, a_client
from .test_problems import assert_problem

THREE = Rate(per_second=0.1, most=3)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def strict(yard, clock):
    """A client of a server with this limit."""

    def made(**limits):
        return a_client(yard, terms=Terms(hosts=HOSTS, rates=MemoryRates(clock), **limits))

    return made


def wrong(number: int, kind: str = "Bearer ryu_abc_") -> dict[str, str]:
    return {"Authorization": f"{kind}{number}"}


@pytest.mark.parametrize("kind", ["token", "address"])
def test_who_asks_too_often_is_told_which_limit_it_is_and_when_to_come_again(strict, clock, kind) -> None:
    with strict(**{f"per_{kind}": THREE}) as client:
        answers = [client.get(JOBS, headers=WITH_TOKEN) for _ in range(4)]
        problem = assert_problem(answers[-1], 429, "rate-limited")
        clock.advance(10)
        again = client.get(JOBS, headers=WITH_TOKEN).status_code

    assert [answer.headers["ratelimit"] for answer in answers] == [
        f'"{kind}";r=2;t=10',
        f'"{kind}";r=1;t=20',
        f'"{kind}";r=0;t=30',
        f'"{kind}";r=0;t=30',
    ]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {f'"{kind}";q=3;w=30'}
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "10"
    assert f"RUNYARD_REQUESTS_PER_{kind.upper()}" in str(problem["detail"])
    assert again == 200


def test_one_token_does_not_use_up_what_another_one_has(strict) -> None:
    with strict(per_token=THREE) as client:
        for _ in range(5):
            client.get(JOBS, headers=wrong(1))

        assert client.get(JOBS, headers=wrong(1)).status_code == 429
        assert client.get(JOBS, headers=WITH_TOKEN).status_code == 200


def test_whoever_watches_over_the_process_is_always_answered(strict) -> None:
    with strict(per_address=THREE) as client:
        assert {client.get("/livez").status_code for _ in range(9)} == {200}
        assert [client.get("/readyz").status_code for _ in range(4)][-1] == 429


def test_without_a_limit_nothing_is_counted_or_told(client) -> None:
    assert "ratelimit" not in client.get(JOBS).headers


def test_who_tries_wrong_tokens_has_to_wait_and_right_ones_go_on(strict, clock) -> None:
    with strict(failed_logins=THREE) as client:
        assert client.get(JOBS, headers=WITH_TOKEN).status_code == 200
        statuses = [client.get(JOBS, headers=wrong(number)).status_code for number in range(4)]
        problem = assert_problem(client.get(JOBS, headers=wrong(9)), 429, "too-many-failed-logins")

        assert statuses == [401, 401, 401, 429]
        assert "RUNYARD_FAILED_LOGINS_PER_MINUTE" in str(problem["detail"])
        assert client.get(JOBS, headers=WITH_TOKEN).status_code == 200
        assert client.get(JOBS).status_code == 401
        clock.advance(10)
        assert client.get(JOBS, headers=wrong(9)).status_code == 401


def test_a_wrong_token_is_not_made_known_by_asking_where_nobody_looks_at_it(strict) -> None:
    with strict(failed_logins=THREE) as client:
        for address in ("/version", "/schema", "/api/v1/nothing"):
            client.get(address, headers=wrong(9))
        for number in range(3):
            client.get(JOBS, headers=wrong(number))

        assert client.get(JOBS, headers=wrong(9)).status_code == 429


def scope(address: str, **headers: str) -> Any:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"client": (address, 1), "headers": sent, "path": JOBS}


def test_one_token_cannot_be_guessed_from_many_addresses(clock) -> None:
    turnstile = Turnstile(Terms(rates=MemoryRates(clock), failed_logins=THREE))

    def guess(number: int, name: str) -> None:
        asked = scope(f"10.0.0.{number}", authorization=f"Bearer ryu_{name}_{number}")
        turnstile.answered(turnstile.enter(asked), asked, 401)

    for number in range(3):
        guess(number, "abc")

    with pytest.raises(Refused, match="wrong tokens"):
        guess(4, "abc")
    guess(5, "other")


def test_a_wrong_token_is_not_made_known_by_sending_it_along_when_logging_in(clock) -> None:
    turnstile = Turnstile(Terms(rates=MemoryRates(clock), failed_logins=THREE))
    guess = scope("10.0.0.1", authorization="Bearer ryu_abc_guess")
    login = guess | {"path": "/api/v1/login"}
    turnstile.answered(turnstile.enter(login), login, 201)

    for _ in range(3):
        turnstile.answered(turnstile.enter(guess), guess, 401)

    with pytest.raises(Refused, match="wrong tokens"):
        turnstile.enter(guess)


def test_a_refused_token_is_logged_by_what_is_no_secret(strict) -> None:
    with structlog.testing.capture_logs() as lines, strict(failed_logins=THREE) as client:
        client.get(JOBS, headers={"Authorization": "bearer ryu_aBc_thesecret"})
        client.get(JOBS, headers={"Authorization": "Bearer thesecret"})

    assert [line["token_id"] for line in lines] == ["ryu_aBc", None]
    assert {line["log_level"] for line in lines} == {"warning"}
    assert "thesecret" not in json.dumps(lines)


def test_only_so_many_are_inside_at_once_and_who_leaves_makes_room() -> None:
    turnstile = Turnstile(Terms(at_once_per_token=2, at_once_per_address=3))
    mine = scope("10.0.0.1", authorization="Bearer mine")
    entries = [turnstile.enter(mine), turnstile.enter(mine)]

    with pytest.raises(Refused, match="RUNYARD_AT_ONCE_PER_TOKEN") as refused:
        turnstile.enter(mine)
    assert refused.value.status == 429
    turnstile.enter(scope("10.0.0.1"))
    with pytest.raises(Refused, match="RUNYARD_AT_ONCE_PER_ADDRESS"):
        turnstile.enter(scope("10.0.0.1"))
    turnstile.leave(entries[0])
    turnstile.enter(mine)


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (("10.0.0.1", 1), "10.0.0.1"),
        (("::ffff:10.0.0.1", 1), "10.0.0.1"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("nonsense", 0), "unknown"),
        (None, "unknown"),
    ],
)
def test_a_caller_is_known_by_his_address_and_by_his_network_where_addresses_are_many(client, address) -> None:
    asked = scope("x")
    asked["client"] = client

    assert Caller.of(asked).address == address


def test_a_caller_does_not_carry_his_token() -> None:
    caller = Caller.of(scope("x", authorization="Bearer thesecret"))

    assert caller.token is not None
    assert "thesecret" not in repr(caller)
