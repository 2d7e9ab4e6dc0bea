import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.domain.jobs.errors import LogGap
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.log import LogChunk, LogHead, LogRecord, Stream, joined
from tests.builders import NOON

REF = AttemptRef(JobId("job"), 1)

records = st.lists(st.builds(LogRecord, st.sampled_from(Stream), st.just(NOON), st.binary(max_size=8)), max_size=6).map(
    tuple
)


def chunk(offset: int, *texts: bytes) -> LogChunk:
    return LogChunk(REF, offset, tuple(LogRecord(Stream.STDOUT, NOON, text) for text in texts))


def test_a_chunk_knows_where_it_ends():
    assert (chunk(5, b"abc", b"de").size, chunk(5, b"abc", b"de").end) == (5, 10)
    assert chunk(5).end == 5


def test_a_chunk_that_continues_the_log_is_new_as_it_is():
    head, new = LogHead(REF, 3).extended(chunk(3, b"abc"))

    assert (head.stored, new) == (6, chunk(3, b"abc"))


def test_of_an_overlapping_chunk_the_rest_is_new():
    head, new = LogHead(REF, 4).extended(chunk(2, b"abc", b"de"))

    assert (head.stored, new) == (7, chunk(4, b"c", b"de"))


@pytest.mark.parametrize("repeated", [chunk(0, b"abc"), chunk(0, b"a"), chunk(1, b"bc"), chunk(3), chunk(0)])
def test_a_repeated_chunk_is_harmless(repeated):
    head = LogHead(REF, 3)

    assert head.extended(repeated) == (head, None)


@pytest.mark.parametrize("ahead", [chunk(4, b"x"), chunk(4)])
def test_a_gap_is_refused_and_says_where_to_go_on(ahead):
    with pytest.raises(LogGap, match="stored up to byte 3") as caught:
        LogHead(REF, 3).extended(ahead)

    assert caught.value.stored == 3


@given(records, st.integers(0, 20), st.integers(0, 60))
def test_the_rest_of_a_chunk_is_its_bytes_from_there(made, offset, since):
    whole = LogChunk(REF, offset, made)
    rest = whole.since(since)

    skipped = max(0, since - offset)
    assert joined(rest.records) == joined(whole.records)[skipped:]
    assert rest.offset == offset + skipped
    for stream in Stream:
        assert joined(whole.records, stream).endswith(joined(rest.records, stream))
    if since <= whole.end:
        assert rest.end == whole.end


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), max_size=30))
def test_any_order_of_repeats_and_overlaps_stores_every_byte_once(sendings):
    written, head, stored = bytes(range(60)), LogHead(REF), b""
    for start, size in sendings:
        sent = chunk(start, written[start : start + size])
        if start > head.stored:
            with pytest.raises(LogGap):
                head.extended(sent)
            continue
        head, new = head.extended(sent)
        stored += joined(new.records) if new else b""
        assert stored == written[: head.stored]


def test_one_stream_can_be_read_alone():
    both = [LogRecord(Stream.STDOUT, NOON, b"a"), LogRecord(Stream.STDERR, NOON, b"b")]

    assert joined(both) == b"ab"
    assert joined(both, Stream.STDERR) == b"b"
