"""Settings are checked at start, and each that is wrong is told with its variable."""

import resource
from pathlib import Path

import pytest

from runyard.domain.jobs.environment import LOADER_VARIABLES
from runyard.domain.limits.limits import LimitKind
from runyard.domain.rates.rate import Rate
from runyard.entrypoints import up
from runyard.entrypoints.client.errors import RunyardClientError
from runyard.entrypoints.embedded.starting import embedded
from runyard.entrypoints.http.terms import Unlimited
from runyard.entrypoints.settings import EmbeddedSettings, ProductionSettings, Settings, WrongSettings, read_settings

RIGHT = {"RUNYARD_DATABASE_URL": "postgresql://h/d", "RUNYARD_REDIS_URL": "redis://h"}


@pytest.fixture(autouse=True)
def _right(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)


def test_what_is_given_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNYARD_SLOTS", "3")

    assert read_settings(Settings, {"slots": None}).slots == 3
    assert read_settings(Settings, {"slots": 5}).slots == 5


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("RUNYARD_DATABASE_URL", "", "is not set; it must name a PostgreSQL"),
        ("RUNYARD_DATABASE_URL", "sqlite:///x.db", "with `runyard up`"),
        ("RUNYARD_DATABASE_URL", "mysql://h/d", "must begin with postgresql://"),
        ("RUNYARD_REDIS_URL", "", "is not set; it must name a Redis"),
        ("RUNYARD_REDIS_URL", "http://h", "must begin with redis://"),
        ("RUNYARD_DRIVER_LEASE", "soon", "number"),
        ("RUNYARD_DRIVER_LEASE", "0.5", "greater than or equal to 1"),
        ("RUNYARD_ATTEMPT_LEASE", "soon", "number"),
        ("RUNYARD_ATTEMPT_LEASE", "0", "greater than 0"),
        ("RUNYARD_ATTEMPT_LEASE", "1e9", "less than or equal to 31622400"),
        ("RUNYARD_DRAIN", "-1", "greater than or equal to 0"),
        ("RUNYARD_LISTEN_PORT", "70000", "65535"),
        ("RUNYARD_ALLOWED_HOSTS", "a.example, https://b.example", "https://b.example is no name"),
        ("RUNYARD_CORS_ORIGINS", "https://a.example/", "no origin, as in"),
        ("RUNYARD_CORS_ORIGINS", "*", "no origin, as in"),
        ("RUNYARD_TRUSTED_PROXIES", "10.0.0.1/8", "no address and no network"),
        ("RUNYARD_REQUESTS_PER_TOKEN", "-1", "greater than or equal to 0"),
        ("RUNYARD_PROJECT_QUEUED", "-1", "greater than or equal to 0"),
        ("RUNYARD_OWNER_RUNNING", "1000001", "less than or equal to 1000000"),
        ("RUNYARD_OWNER_SUBMISSIONS_PER_MINUTE", "many", "integer"),
        ("RUNYARD_PUBLIC_URL", "yard.example", "must be an address as in https://"),
        ("RUNYARD_PUBLIC_URL", "https://yard.example/?a=b", "must be an address as in https://"),
        ("RUNYARD_PUBLIC_URL", "https://ann:hidden@yard.example", "must be an address as in https://"),
        ("RUNYARD_PUBLIC_URL", "https://yard.example:70000", "Port out of range"),
    ],
)
def test_a_wrong_one_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, advice: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(WrongSettings, match=f"{name}: .*{advice}"):
        read_settings(ProductionSettings, {})


def test_all_wrong_ones_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in RIGHT:
        monkeypatch.setenv(name, "")

    with pytest.raises(WrongSettings) as told:
        read_settings(ProductionSettings, {})
    assert all(name in str(told.value) for name in RIGHT)


def test_an_empty_file_of_keys_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNYARD_SECRET_KEY_FILE", "")
    assert read_settings(Settings, {}).secret_key_file is None

    monkeypatch.setenv("RUNYARD_SECRET_KEY_FILE", "~/keys")
    assert str(read_settings(Settings, {}).secret_key_file).startswith("/")


def test_variables_that_are_denied_are_listed_with_commas_or_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings(Settings, {}).denied_variables.patterns == ()
    assert read_settings(ProductionSettings, {}).denied_variables.patterns == LOADER_VARIABLES

    monkeypatch.setenv("RUNYARD_DENIED_ENV", "LD_*, BASH_ENV  X")
    assert read_settings(ProductionSettings, {}).denied_variables.patterns == ("LD_*", "BASH_ENV", "X")


def test_addresses_with_passwords_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNYARD_DATABASE_URL", "postgresql://u:s3cr3t@h/d")
    monkeypatch.setenv("RUNYARD_REDIS_URL", "redis://:s3cr3t@h")

    assert "s3cr3t" not in repr(read_settings(ProductionSettings, {}))


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNYARD_ALLOWED_HOSTS", " a.example ,*.b.example,")

    assert read_settings(Settings, {}).allowed_hosts == ("a.example", "*.b.example")


@pytest.mark.parametrize("one", ["TLS_CERT", "TLS_KEY"])
def test_a_certificate_needs_its_key(monkeypatch: pytest.MonkeyPatch, one: str) -> None:
    monkeypatch.setenv(f"RUNYARD_{one}", "/some/file")

    with pytest.raises(WrongSettings, match="RUNYARD_TLS_CERT and RUNYARD_TLS_KEY belong together"):
        read_settings(Settings, {})


def test_limits_can_be_switched_off_one_by_one_or_altogether(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = read_settings(Settings, {}).terms("127.0.0.1", Unlimited())
    assert usual.per_token == Rate(per_second=1000, most=5000)
    assert usual.failed_logins == Rate(per_second=0.5, most=30)

    monkeypatch.setenv("RUNYARD_REQUESTS_PER_TOKEN", "0")
    monkeypatch.setenv("RUNYARD_AT_ONCE_PER_TOKEN", "0")
    some = read_settings(Settings, {}).terms("127.0.0.1", Unlimited())
    assert (some.per_token, some.at_once_per_token) == (None, None)
    assert some.per_address is not None

    monkeypatch.setenv("RUNYARD_RATE_LIMITS", "false")
    none = read_settings(Settings, {}).terms("127.0.0.1", Unlimited())
    assert (none.per_token, none.per_address, none.failed_logins) == (None, None, None)


def test_there_are_never_more_connections_than_files_may_be_open() -> None:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)

    assert read_settings(Settings, {}).connection_terms().most < files
    assert read_settings(Settings, {"connections": 7}).connection_terms().most == 7
    with pytest.raises(WrongSettings, match="RUNYARD_CONNECTIONS: each is an open file"):
        read_settings(Settings, {"connections": files})


def test_leases_are_those_that_are_set_or_those_of_the_kind_of_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings(Settings, {}).lease_terms.lease("local", lost_after=None, grace=10) is None

    monkeypatch.setenv("RUNYARD_ATTEMPT_LEASE", "300")
    monkeypatch.setenv("RUNYARD_DRIVER_LEASE", "415")
    assert read_settings(Settings, {}).lease_terms.lease("local", lost_after=None, grace=10) == 527


def test_usual_limits_are_those_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for place, name in enumerate(
        f"{whose}_{kind}" for whose in ("PROJECT", "OWNER") for kind in map(str.upper, LimitKind)
    ):
        monkeypatch.setenv(f"RUNYARD_{name}", str(place + 1))

    usual = read_settings(Settings, {}).usual_limits

    assert [limits.of(kind) for limits in (usual.project, usual.owner) for kind in LimitKind] == [1, 2, 3, 4, 5, 6]


def test_a_server_in_one_process_refuses_a_database_that_others_might_use_and_says_what_to_use_instead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = up.main(data_dir=tmp_path / "yard", port=0, slots=None, tls_cert=None, tls_key=None, json=True)

    assert (refused, list(tmp_path.iterdir())) == (2, [])
    told = capsys.readouterr().err
    assert told.startswith("RUNYARD_DATABASE_URL: a server in one process keeps everything in a file")
    assert "`runyard serve` and `runyard worker --local`" in told
    with pytest.raises(RunyardClientError, match=r"RUNYARD_DATABASE_URL: .* unset this"), embedded(tmp_path / "yard"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_empty_name_of_a_database_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNYARD_DATABASE_URL", "")

    assert read_settings(EmbeddedSettings, {}).database_url is None
