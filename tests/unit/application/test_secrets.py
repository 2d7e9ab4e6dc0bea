import pytest

from runyard.adapters.memory.sealer import MemorySealer
from runyard.application.ports.sealing import Sealer
from runyard.application.secrets.list_secrets import ListSecrets, ListSecretsCommand
from runyard.application.secrets.remove_secret import RemoveSecret, RemoveSecretCommand
from runyard.application.secrets.rotate_key import RotateKey, RotateKeyCommand, Rotation
from runyard.application.secrets.set_secret import SetSecret, SetSecretCommand
from runyard.domain.secrets.sealing import Place, Sealed, SealingKeyUnavailable
from runyard.domain.secrets.secret import (
    MOST_SECRETS,
    InvalidSecret,
    Secret,
    SecretNotFound,
    SecretValue,
    TooManySecrets,
    place_of,
)
from tests.contracts.stores import Store
from tests.unit.application.yard import MemoryYard

VALUE = "correct horse"


@pytest.fixture
def sealer() -> MemorySealer:
    return MemorySealer()


def set_it(store: Store, sealer: Sealer, name: str = "db", value: str = VALUE) -> Secret:
    command = SetSecretCommand(project="default", name=name, value=SecretValue(value), by="ada")
    return SetSecret(store.begin, sealer).execute(command)


def listed(store: Store) -> list[Secret]:
    return ListSecrets(store.read).execute(ListSecretsCommand(project="default"))


def opened(store: Store, sealer: Sealer, name: str = "db") -> str:
    place = place_of("default", name)
    with store.read() as reading:
        return sealer.open(reading.sealed.get([place])[place], place).decode()


def rotate(store: Store, sealer: Sealer, *, renew: bool = False) -> Rotation:
    return RotateKey(store.begin, sealer).execute(RotateKeyCommand(renew=renew))


def test_a_secret_is_set_listed_set_again_and_removed(yard: MemoryYard, sealer: MemorySealer) -> None:
    first, again = set_it(yard.store, sealer), set_it(yard.store, sealer, value="battery staple")

    assert (first.version, again.version, again.set_by) == (1, 2, "ada")
    assert listed(yard.store) == [again]
    assert opened(yard.store, sealer) == "battery staple"

    RemoveSecret(yard.store.begin).execute(RemoveSecretCommand(project="default", name="db"))
    assert listed(yard.store) == []
    with yard.store.read() as reading:
        assert reading.sealed.count() == {}
    with pytest.raises(SecretNotFound, match="'db'"):
        RemoveSecret(yard.store.begin).execute(RemoveSecretCommand(project="default", name="db"))


def test_a_value_is_never_printed() -> None:
    value = SecretValue(VALUE)
    command = SetSecretCommand(project="default", name="db", value=value, by="ada")

    assert VALUE not in f"{value} {value!r} {command} {command!r}"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1234567", "fewer than 8 bytes"),
        (" 1234567\n\n", "fewer than 8 bytes"),
        ("x" * (16 * 1024 + 1), "16385 bytes; at most 16384"),
        ("12345678\0", "NUL"),
        ("1234567\ud800", "not valid Unicode"),
    ],
)
def test_a_value_that_cannot_be_kept_or_masked_is_refused_without_being_repeated(value: str, said: str) -> None:
    with pytest.raises(InvalidSecret, match=said) as refused:
        SecretValue(value)

    assert value.strip() not in str(refused.value)


@pytest.mark.parametrize("name", ["", "a b", "-a", "a/b", "x" * 64, "ä"])
def test_what_cannot_be_a_name_is_refused(yard: MemoryYard, sealer: MemorySealer, name: str) -> None:
    with pytest.raises(InvalidSecret, match="/name"):
        set_it(yard.store, sealer, name)


def test_a_project_has_so_many_secrets_and_no_more(yard: MemoryYard, sealer: MemorySealer) -> None:
    with yard.store.begin() as work:
        for number in range(MOST_SECRETS - 1):
            work.secrets.set("default", f"s{number}", by="ada", at=work.now())
        work.commit()

    set_it(yard.store, sealer)
    with pytest.raises(TooManySecrets, match="1000"):
        set_it(yard.store, sealer, "one-more")
    assert set_it(yard.store, sealer).version == 2


def test_without_a_key_nothing_is_written(yard: MemoryYard, sealer: MemorySealer) -> None:
    sealer.forget("key-1")

    with pytest.raises(SealingKeyUnavailable):
        set_it(yard.store, sealer)
    assert listed(yard.store) == []


def test_a_rotation_moves_everything_to_the_newest_key(yard: MemoryYard, sealer: MemorySealer) -> None:
    for number in range(250):
        set_it(yard.store, sealer, f"s{number}", f"value number {number}")

    first = rotate(yard.store, sealer, renew=True)
    assert first == Rotation("key-2", 250, (), ("key-1",))
    sealer.forget("key-1")
    assert [opened(yard.store, sealer, f"s{number}") for number in (0, 249)] == ["value number 0", "value number 249"]
    assert rotate(yard.store, sealer) == Rotation("key-2", 0)


def test_a_rotation_goes_on_where_it_was_interrupted(yard: MemoryYard, sealer: MemorySealer) -> None:
    for number in range(250):
        set_it(yard.store, sealer, f"s{number}", f"value number {number}")
    sealer.renew()

    with pytest.raises(KeyboardInterrupt):
        rotate(yard.store, Dying(sealer, after=120))
    with yard.store.read() as reading:
        assert reading.sealed.count() == {"key-1": 150, "key-2": 100}
    assert rotate(yard.store, sealer) == Rotation("key-2", 150, (), ("key-1",))


def test_what_cannot_be_opened_is_told_and_hinders_nothing_else(yard: MemoryYard, sealer: MemorySealer) -> None:
    set_it(yard.store, sealer, "fine")
    with yard.store.begin() as work:
        work.sealed.put(place_of("default", "moved"), sealer.seal(b"x", Place("secret", ("default", "other"))))
        work.sealed.put(place_of("default", "lost"), Sealed("gone", b"x"))
        work.commit()

    done = rotate(yard.store, sealer, renew=True)

    assert (done.resealed, done.unused) == (1, ())
    lost, moved = done.unopened
    assert "secret default/lost" in lost
    assert "gone" in lost
    assert "secret default/moved" in moved


def test_what_is_set_during_a_rotation_is_not_undone(yard: MemoryYard, sealer: MemorySealer) -> None:
    set_it(yard.store, sealer)
    place = place_of("default", "db")
    with yard.store.read() as reading:
        seen = reading.sealed.get([place])[place]
    sealer.renew()
    set_it(yard.store, sealer, value="newer value")

    with yard.store.begin() as work:
        assert not work.sealed.swap(place, seen, sealer.reseal(seen, place))

    assert opened(yard.store, sealer) == "newer value"


class Dying:
    """A process that ends in the middle."""

    def __init__(self, sealer: Sealer, after: int) -> None:
        self._sealer, self._left = sealer, after

    def keys(self) -> tuple[str, ...]:
        return self._sealer.keys()

    def seal(self, plain: bytes, place: Place) -> Sealed:
        return self._sealer.seal(plain, place)

    def open(self, sealed: Sealed, place: Place) -> bytes:
        return self._sealer.open(sealed, place)

    def reseal(self, sealed: Sealed, place: Place) -> Sealed:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return self._sealer.reseal(sealed, place)

    def renew(self) -> str:
        return self._sealer.renew()
