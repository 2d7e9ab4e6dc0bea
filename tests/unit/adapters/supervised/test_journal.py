"""The journal: what was written is there after any end, what is torn is not, and it does not grow for ever."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.adapters.supervised.program.journal import BROKEN, EXIT, OWNED, VOID, Journal


def told(journal: Journal) -> dict[str, tuple[bytes, dict[str, object], bytes]]:
    return {key: (entry.kind, entry.body, entry.tail) for key, entry in journal.entries()}


def synced(journal: Journal) -> None:
    """What the syncing thread does with what is due."""
    _, full, doomed = journal.due()
    for descriptor in full:
        os.close(descriptor)
    for path in doomed:
        Path(path).unlink()


def test_the_newest_record_of_a_key_counts(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path))
    journal.put(OWNED, "a/1", {"b": "boot"})
    journal.put(EXIT, "a/1", {"o": {"ending": "exit"}}, b"tail")
    journal.put(VOID, "b/1", {})

    expected = {
        "a/1": (EXIT, {"o": {"ending": "exit"}, "k": "a/1"}, b"tail"),
        "b/1": (VOID, {"k": "b/1"}, b""),
    }
    assert told(journal) == expected
    assert told(Journal(str(tmp_path))) == expected


def test_what_is_forgotten_stays_forgotten(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path))
    journal.put(EXIT, "a/1", {}, b"x")
    journal.forget("a/1")
    journal.forget("never/1")

    assert told(journal) == told(Journal(str(tmp_path))) == {}


@given(cut=st.integers(1, 60))
def test_a_torn_tail_is_cut_and_written_over(tmp_path_factory, cut: int) -> None:
    directory = tmp_path_factory.mktemp("journal")
    journal = Journal(str(directory))
    journal.put(OWNED, "a/1", {})
    journal.put(EXIT, "b/1", {}, bytes(40))
    file = directory / "journal.1"
    file.write_bytes(file.read_bytes()[:-cut])

    again = Journal(str(directory))
    assert set(told(again)) == {"a/1"}
    again.put(OWNED, "c/1", {})
    assert set(told(Journal(str(directory)))) == {"a/1", "c/1"}


@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_flipped_bit_is_never_believed(tmp_path_factory, place: int, flip: int) -> None:
    directory = tmp_path_factory.mktemp("journal")
    journal = Journal(str(directory))
    for number in range(5):
        journal.put(EXIT, f"a/{number}", {"n": number}, bytes([number]) * 20)
    file = directory / "journal.1"
    data = bytearray(file.read_bytes())
    data[place % len(data)] ^= flip
    file.write_bytes(bytes(data))

    found = told(Journal(str(directory)))

    assert len(found) < 5
    for number in range(len(found)):
        assert found[f"a/{number}"] == (EXIT, {"n": number, "k": f"a/{number}"}, bytes([number]) * 20)


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["own", "exit", "void", "broken", "forget", "again"]), st.integers(0, 6)), max_size=60
)


@given(OPERATIONS)
def test_any_life_of_a_journal_ends_with_what_was_written_last(tmp_path_factory, operations) -> None:
    directory = str(tmp_path_factory.mktemp("journal"))
    journal = Journal(directory, file_size=300)
    expected: dict[str, bytes] = {}
    kinds = {"own": OWNED, "exit": EXIT, "void": VOID, "broken": BROKEN}
    for step, (operation, number) in enumerate(operations):
        key = f"job/{number}"
        if operation == "again":
            journal = Journal(directory, file_size=300)
        elif operation == "forget":
            journal.forget(key)
            expected.pop(key, None)
        else:
            tail = b"%d" % step
            journal.put(kinds[operation], key, {}, tail)
            expected[key] = kinds[operation] + tail
        if step % 3 == 0:
            synced(journal)

    assert {key: kind + tail for key, (kind, _, tail) in told(journal).items()} == expected
    assert {key: kind + tail for key, (kind, _, tail) in told(Journal(directory)).items()} == expected


@pytest.mark.parametrize("stuck", [0, 1, 20])
def test_a_steady_load_does_not_make_it_grow(tmp_path: Path, stuck: int) -> None:
    journal = Journal(str(tmp_path), file_size=10_000)
    for number in range(stuck):
        journal.put(EXIT, f"stuck/{number}", {}, bytes(400))
    largest = 0
    for number in range(3000):
        journal.put(OWNED, f"a/{number}", {})
        journal.put(EXIT, f"a/{number}", {}, bytes(100))
        journal.forget(f"a/{number}")
        synced(journal)
        largest = max(largest, sum(path.stat().st_size for path in tmp_path.iterdir()))

    assert largest < 60_000
    assert len(told(Journal(str(tmp_path)))) == stuck
