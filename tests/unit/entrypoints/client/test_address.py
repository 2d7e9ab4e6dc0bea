"""Where the server is and with which token: flag, environment, discovery file, login, in this order."""

import os

import pytest

from runyard.entrypoints.agent.door import ServerDoor
from runyard.entrypoints.client.address import Wanted
from runyard.entrypoints.client.client import connect
from runyard.entrypoints.client.errors import NotLoggedIn, RunyardClientError, ServerUnreachable
from runyard.entrypoints.client.logins import keep_login
from runyard.entrypoints.discovery import Discovery, discovery_path, write_discovery


@pytest.fixture
def running(tmp_path) -> None:
    (tmp_path / "admin.token").write_text("found\n")
    token_file = str(tmp_path / "admin.token")
    write_discovery(Discovery(url="http://127.0.0.1:81", token_file=token_file, data_dir="/d", pid=1))


def test_the_server_of_the_account_is_found(running) -> None:
    address = Wanted().address({})

    assert (address.url, address.token, address.discovered) == ("http://127.0.0.1:81", "found", True)


def test_the_environment_is_stronger_than_the_file(running) -> None:
    address = Wanted().address({"RUNYARD_URL": "https://yard.example/", "RUNYARD_TOKEN": "env"})

    assert (address.url, address.token, address.discovered) == ("https://yard.example", "env", False)


def test_flags_are_stronger_than_the_environment(running, tmp_path) -> None:
    (tmp_path / "t").write_text("flag")
    environment = {"RUNYARD_URL": "http://env:1", "RUNYARD_TOKEN": "env", "RUNYARD_TOKEN_FILE": "/none"}

    address = Wanted(url="http://flag:2", token_file=tmp_path / "t").address(environment)

    assert (address.url, address.token) == ("http://flag:2", "flag")


def test_a_token_is_stronger_than_a_token_file_in_the_environment(running, tmp_path) -> None:
    (tmp_path / "t").write_text("file")
    both = {"RUNYARD_TOKEN": "env", "RUNYARD_TOKEN_FILE": str(tmp_path / "t")}

    assert Wanted().address(both).token == "env"
    assert Wanted().address({"RUNYARD_TOKEN_FILE": str(tmp_path / "t")}).token == "file"


def test_the_token_of_one_server_is_never_sent_to_another(running) -> None:
    with pytest.raises(NotLoggedIn, match="no token for http://other:1"):
        Wanted(url="http://other:1").address({})


def test_without_any_server_the_error_says_how_to_get_one() -> None:
    with pytest.raises(ServerUnreachable) as caught:
        Wanted().address({})

    assert "runyard up" in caught.value.advice


def test_the_only_server_logged_in_to_is_meant_where_none_is_named_and_none_runs_here(running) -> None:
    keep_login("https://yard.example", "kept")
    assert Wanted().address({}).url == "http://127.0.0.1:81"
    discovery_path().unlink()

    address = Wanted().address({})

    assert (address.url, address.token, address.discovered) == ("https://yard.example", "kept", False)
    keep_login("https://other.example", "kept")
    with pytest.raises(ServerUnreachable, match=r"logged in to 2: https://other\.example, https://yard\.example"):
        Wanted().address({})


@pytest.mark.parametrize("url", ["yard", "ftp://yard", "http://", "http://yard:port", "//yard"])
def test_what_is_no_address_is_refused(url) -> None:
    with pytest.raises(RunyardClientError, match="not the address of a server"):
        Wanted(url=url, token="t").address({})


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(RunyardClientError, match="is of no use") as refused:
        Wanted(url="https://ann:hidden@yard.example", token="t").address({})
    assert "hidden" not in f"{refused.value}{refused.value.advice}"


def test_a_token_file_that_is_not_there_is_named() -> None:
    with pytest.raises(NotLoggedIn, match="/no/such cannot be read: No such file"):
        Wanted(url="http://yard:1", token_file="/no/such").address({})


def test_a_token_is_not_printed(running) -> None:
    assert "found" not in repr(Wanted().address({}))
    assert "hidden" not in repr(Wanted(token="hidden"))


@pytest.mark.parametrize("said", ["sécret", "secret\nsecond line", "two secrets", " "])
def test_what_cannot_be_sent_as_a_token_is_refused_and_never_repeated(tmp_path, said) -> None:
    (tmp_path / "t").write_text(said)
    ways = [Wanted(token=said), Wanted(token_file=tmp_path / "t"), Wanted()]

    for wanted in ways:
        with pytest.raises(NotLoggedIn, match="holds no token") as refused:
            wanted.address({"RUNYARD_URL": "http://yard:1", "RUNYARD_TOKEN": said})
        assert "cret" not in str(refused.value)


def test_an_account_without_a_home_needs_none(monkeypatch) -> None:
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)  # nobody, as in a container that runs as a number

    address = Wanted(url="http://yard:1", token="given").address({})

    assert (address.url, address.token) == ("http://yard:1", "given")
    with pytest.raises(ServerUnreachable, match="no server is running"):
        Wanted().address({})


PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"


def test_a_server_of_the_account_has_to_show_the_very_certificate_it_said_it_would(tmp_path) -> None:
    (tmp_path / "cert").write_text(PEM.format("its own") + PEM.format("who vouches for it"))
    (tmp_path / "admin.token").write_text("found\n")
    here = "https://127.0.0.1:81"
    write_discovery(
        Discovery(
            url=here,
            token_file=str(tmp_path / "admin.token"),
            data_dir="/d",
            pid=1,
            certificate=str(tmp_path / "cert"),
        )
    )

    assert Wanted().address({}).certificate == PEM.format("its own").strip()
    assert Wanted(url="https://other:1", token="t").address({}).certificate is None
    told = Wanted(ca_file=tmp_path / "ca").address({"RUNYARD_CA_FILE": "/env"})
    assert (told.certificate, told.ca_file) == (None, str(tmp_path / "ca"))
    assert Wanted().address({"RUNYARD_CA_FILE": "/env"}).ca_file == "/env"


@pytest.mark.parametrize("proxy", ["ftp://ann:hidden@x:1", "socks5://ann:hidden@x:1", "http://ann:hidden@x:port"])
@pytest.mark.parametrize("opens", [connect, lambda url, token: ServerDoor(url, lambda: token)])
def test_a_proxy_that_cannot_be_used_is_told_and_not_repeated(monkeypatch, proxy, opens) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", proxy)

    with pytest.raises(RunyardClientError, match="the proxy that the environment names") as refused:
        opens("http://yard.example:1", token="t")
    assert "NO_PROXY" in refused.value.advice
    assert "hidden" not in f"{refused.value}{refused.value.advice}"
