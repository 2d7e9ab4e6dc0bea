"""What any sealer must do."""

from typing import Protocol

import pytest

from runyard.application.ports.sealing import Sealer
from runyard.domain.secrets.sealing import Place, SealBroken, Sealed, SealingKeyUnavailable

HERE = Place("secret", ("default", "name"))
PLAIN = b"correct horse battery staple"


class Lockable(Protocol):
    """A sealer whose keys can be lost."""

    @property
    def sealer(self) -> Sealer: ...

    def lose(self, key: str) -> None: ...


class SealerContract:
    """The promises of the port `Sealer`, for a fixture `lockable`."""

    @pytest.fixture
    def sealer(self, lockable: Lockable) -> Sealer:
        return lockable.sealer

    def test_what_is_sealed_opens_at_its_place_and_cannot_be_read(self, sealer: Sealer):
        for plain in (PLAIN, b"", bytes(range(256)) * 256):
            sealed = sealer.seal(plain, HERE)
            assert sealer.open(sealed, HERE) == plain
            assert not plain or plain not in sealed.data
        assert PLAIN.decode() not in repr(sealer.seal(PLAIN, HERE))

    def test_it_opens_at_no_other_place(self, sealer: Sealer):
        sealed = sealer.seal(PLAIN, HERE)

        for place in (
            Place("secret", ("default", "other")),
            Place("secret", ("other", "name")),
            Place("runner", ("default", "name")),
            Place("secret", ("default,name",)),
            Place("secret", ("default", "name", "")),
        ):
            for act in (sealer.open, sealer.reseal):
                with pytest.raises(SealBroken, match="changed or moved"):
                    act(sealed, place)

    def test_not_a_bit_of_it_can_be_changed(self, sealer: Sealer):
        sealed = sealer.seal(PLAIN, HERE)

        for at in range(len(sealed.data)):
            changed = bytearray(sealed.data)
            changed[at] ^= 1
            with pytest.raises(SealBroken):
                sealer.open(Sealed(sealed.key, bytes(changed)), HERE)
        for length in range(len(sealed.data)):
            with pytest.raises(SealBroken):
                sealer.open(Sealed(sealed.key, sealed.data[:length]), HERE)

    def test_equal_values_look_different(self, sealer: Sealer):
        assert len({sealer.seal(PLAIN, HERE).data for _ in range(100)}) == 100

    def test_the_newest_key_seals_and_older_ones_open(self, sealer: Sealer):
        before = sealer.seal(PLAIN, HERE)
        newest = sealer.renew()
        after = sealer.seal(PLAIN, HERE)

        assert sealer.keys() == (newest, before.key)
        assert (after.key, before.key == newest) == (newest, False)
        assert sealer.open(before, HERE) == sealer.open(after, HERE) == PLAIN

    def test_a_key_cannot_be_called_another(self, sealer: Sealer):
        sealed = sealer.seal(PLAIN, HERE)
        newest = sealer.renew()

        with pytest.raises(SealBroken):
            sealer.open(Sealed(newest, sealed.data), HERE)

    def test_what_was_resealed_needs_the_old_key_no_more(self, lockable: Lockable, sealer: Sealer):
        before = sealer.seal(PLAIN, HERE)
        sealer.renew()
        after = sealer.reseal(before, HERE)
        lockable.lose(before.key)

        assert sealer.open(after, HERE) == PLAIN
        with pytest.raises(SealingKeyUnavailable, match=before.key):
            sealer.open(before, HERE)
        with pytest.raises(SealingKeyUnavailable, match=before.key):
            sealer.reseal(before, HERE)

    def test_without_a_key_nothing_is_sealed(self, lockable: Lockable, sealer: Sealer):
        sealed = sealer.seal(PLAIN, HERE)
        lockable.lose(sealed.key)

        for act in (lambda: sealer.open(sealed, HERE), lambda: sealer.reseal(sealed, HERE)):
            with pytest.raises(SealingKeyUnavailable):
                act()
