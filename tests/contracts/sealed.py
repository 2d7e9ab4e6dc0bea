"""What any store of sealed values, and of secrets, must do."""

from runyard.domain.secrets.sealing import Place, Sealed
from runyard.domain.secrets.secret import Secret

from ..builders import NOON
from .stores import Store, at_once

A, B, C = (Place("secret", ("default", name)) for name in "abc")
ODD = Place("kïnd", ('"', "a,b", "\\"))


class SealedValuesContract:
    """The promises of the ports `SealedValues` and `SealedReading`."""

    def test_what_is_put_is_kept_byte_by_byte_and_the_last_one_counts(self, store: Store):
        kept = Sealed("new", bytes(range(256)))
        with store.begin() as work:
            work.sealed.put(A, Sealed("old", b"1"))
            work.sealed.put(A, kept)
            work.sealed.put(ODD, Sealed("old", b""))
            work.commit()

        with store.read() as reading:
            assert reading.sealed.get([A, B, ODD]) == {A: kept, ODD: Sealed("old", b"")}
            assert reading.sealed.get([]) == {}
            assert reading.sealed.count() == {"old": 1, "new": 1}

    def test_what_is_removed_is_gone_whether_it_was_there_or_not(self, store: Store):
        with store.begin() as work:
            work.sealed.put(A, Sealed("k", b"1"))
            work.sealed.put(B, Sealed("k", b"2"))
            work.sealed.remove([A, C])
            work.sealed.remove([])
            assert work.sealed.get([A, B]) == {B: Sealed("k", b"2")}
            work.commit()

        with store.read() as reading:
            assert reading.sealed.count() == {"k": 1}

    def test_an_uncommitted_value_never_was(self, store: Store):
        with store.begin() as work:
            work.sealed.put(A, Sealed("k", b"1"))

        with store.read() as reading:
            assert reading.sealed.get([A]) == {}

    def test_a_value_is_swapped_only_for_what_it_was(self, store: Store):
        before, after = Sealed("old", b"1"), Sealed("new", b"2")
        with store.begin() as work:
            work.sealed.put(A, before)
            assert not work.sealed.swap(A, after, before)
            assert not work.sealed.swap(A, Sealed("new", b"1"), after)
            assert not work.sealed.swap(B, before, after)
            assert work.sealed.swap(A, before, after)
            assert work.sealed.get([A, B]) == {A: after}
            work.commit()

    def test_what_is_under_other_keys_comes_in_order_and_page_by_page(self, store: Store):
        with store.begin() as work:
            for place, key in ((C, "old"), (A, "older"), (B, "new"), (ODD, "old")):
                work.sealed.put(place, Sealed(key, b"1"))
            first = work.sealed.not_under("new", after=None, limit=2)
            rest = work.sealed.not_under("new", after=first[-1][0], limit=2)
            work.commit()

        assert [place for place, _ in first + rest] == sorted((A, C, ODD), key=str)
        assert {sealed.key for _, sealed in first + rest} == {"old", "older"}


class SecretsContract:
    """The promises of the ports `Secrets` and `SecretReading`."""

    def test_versions_grow_and_the_last_one_is_told_by_name(self, store: Store):
        with store.begin() as work:
            work.secrets.set("p", "b", by="ada", at=NOON)
            again = work.secrets.set("p", "b", by="bob\0", at=NOON)
            work.secrets.set("p", "a", by="ada", at=NOON)
            work.secrets.set("q", "c", by="ada", at=NOON)
            work.commit()

        first = Secret(project="p", name="a", version=1, set_at=NOON, set_by="ada")
        with store.read() as reading:
            assert reading.secrets.all("p") == [first, again]
            assert again.version == 2
            assert reading.secrets.known("p", ["a", "c", "x", "b"]) == {"a", "b"}
            assert reading.secrets.known("p", []) == frozenset()
            assert reading.secrets.all("nowhere") == []

    def test_a_removed_secret_is_gone(self, store: Store):
        with store.begin() as work:
            work.secrets.set("p", "a", by="ada", at=NOON)
            assert not work.secrets.remove("q", "a")
            assert work.secrets.remove("p", "a")
            assert not work.secrets.remove("p", "a")
            work.commit()

        with store.read() as reading:
            assert reading.secrets.all("p") == []

    def test_who_sets_at_once_gets_versions_of_their_own(self, store: Store):
        def set_it(_: int) -> int:
            with store.begin() as work:
                secret = work.secrets.set("p", "a", by="ada", at=NOON)
                work.commit()
            return secret.version

        assert sorted(at_once(8, set_it)) == list(range(1, 9))
