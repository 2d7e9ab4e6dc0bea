import pytest

from runyard.entrypoints.http.hosts import Hosts, is_host
from runyard.entrypoints.http.terms import Terms
from tests.unit.entrypoints.http.test_problems import assert_problem

from .house import JOBS, WITH_TOKEN, a_client


def scope(*hosts: bytes, version: str = "1.1"):
    return {"headers": [(b"host", host) for host in hosts], "http_version": version}


def status(hosts: Hosts, *sent: bytes, version: str = "1.1") -> int | None:
    refused = hosts.refusal(scope(*sent, version=version))
    return refused.status if refused else None


UP = Hosts.of("127.0.0.1", [])
EVERYWHERE = Hosts.of("::", ["runyard.example.org", "*.yards.example.org"])


@pytest.mark.parametrize(
    "host", [b"localhost", b"LOCALHOST:7433", b"localhost.", b"127.0.0.1:1", b"[::1]:7433", b"[0:0::1]"]
)
def test_this_machine_is_known_by_its_names_for_itself(host) -> None:
    assert status(UP, host) is None


@pytest.mark.parametrize(
    "host",
    [b"evil.example", b"127.0.0.1.evil.example", b"localhost.evil.example", b"192.168.0.1", b"0.0.0.0:7433", b"[::]"],
)
def test_a_name_that_somebody_else_made_point_here_is_not(host) -> None:
    assert status(UP, host) == 421


@pytest.mark.parametrize(
    "host", [b"10.0.0.7:7433", b"[fe80::1]:7433", b"runyard.example.org", b"a.b.yards.example.org:443"]
)
def test_a_server_bound_to_all_addresses_is_known_by_each_and_by_the_names_it_is_told(host) -> None:
    assert status(EVERYWHERE, host) is None


@pytest.mark.parametrize(
    "host", [b"yards.example.org", b"example.org", b"notrunyard.example.org", b"1.2.3", b"evil.example"]
)
def test_other_names_stay_unknown(host) -> None:
    assert status(EVERYWHERE, host) == 421


def test_a_star_is_every_name() -> None:
    assert status(Hosts.of("127.0.0.1", ["*"]), b"whatever.example") is None


@pytest.mark.parametrize(
    "sent", [(), (b"",), (b"localhost", b"localhost"), (b"a b",), (b"\xff",), (b"localhost:",), (b"u@localhost",)]
)
def test_a_request_names_one_host_and_nothing_else(sent) -> None:
    assert status(UP, *sent) == 400


def test_only_http_1_0_may_do_without() -> None:
    assert status(UP, version="1.0") is None
    assert status(UP, b"evil.example", version="1.0") == 421


def test_the_refusal_names_the_setting_and_comes_before_everything_else(yard) -> None:
    with a_client(yard, terms=Terms(hosts=UP)) as client:
        for address in (JOBS, "/livez", "/schema", "/nothing"):
            problem = assert_problem(client.get(address, headers=WITH_TOKEN), 421, "unknown-host")
            assert "testserver.local" in str(problem["detail"])
            assert "RUNYARD_ALLOWED_HOSTS" in str(problem["detail"])


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a.example.org", True),
        ("*.example.org", True),
        ("*", True),
        ("::1", True),
        ("a.*", False),
        ("https://a", False),
        ("a:80", False),
        ("", False),
    ],
)
def test_what_may_be_allowed_is_a_name_or_an_address(text, fits) -> None:
    assert is_host(text) == fits
