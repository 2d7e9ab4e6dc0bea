"""Records in a row: encoded, measured, cut, found by offset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.adapters.supervised.program import records

RECORDS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2**63), st.binary(min_size=1, max_size=30)), max_size=12)


def row(found) -> bytes:
    return b"".join(records.encode(*record) for record in found)


@given(RECORDS)
def test_what_is_encoded_is_decoded(found) -> None:
    assert records.decode(row(found)) == found


@given(RECORDS, st.integers(0, 400))
def test_a_row_can_be_read_from_any_offset(found, skip) -> None:
    whole = b"".join(data for _, _, data in found)

    position, within = records.locate(row(found), skip)
    rest = records.without(row(found)[position:], within)

    assert b"".join(data for _, _, data in records.decode(rest)) == whole[skip:]


@given(RECORDS, st.integers(0, 400), st.integers(1, 400))
def test_what_is_measured_is_whole_records(found, cut, limit) -> None:
    length, payload = records.measure(row(found)[:cut], limit)

    kept = records.decode(row(found)[:length])
    assert kept == found[: len(kept)]
    assert payload == sum(len(data) for _, _, data in kept)


@given(RECORDS, st.integers(1, 12))
def test_a_cut_row_is_refused(found, cut) -> None:
    data = row([*found, (1, 0, b"x")])
    with pytest.raises(records.BadRecord):
        records.decode(data[:-cut])


def test_an_unknown_stream_is_refused() -> None:
    with pytest.raises(records.BadRecord):
        records.decode(records.RECORD.pack(4, 0, 1) + b"x")
