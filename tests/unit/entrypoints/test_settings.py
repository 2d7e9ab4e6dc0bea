"""Settings are checked at start, and each that is wrong is told with its variable."""

import pytest

from runyard.entrypoints.settings import ProductionSettings, Settings, WrongSettings, read_settings

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
        ("RUNYARD_DRAIN", "-1", "greater than or equal to 0"),
        ("RUNYARD_LISTEN_PORT", "70000", "65535"),
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


def test_addresses_with_passwords_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNYARD_DATABASE_URL", "postgresql://u:s3cr3t@h/d")
    monkeypatch.setenv("RUNYARD_REDIS_URL", "redis://:s3cr3t@h")

    assert "s3cr3t" not in repr(read_settings(ProductionSettings, {}))
