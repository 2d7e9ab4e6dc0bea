from base64 import b64decode
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.entrypoints.http.log_pieces import MOST_BYTES, Piece, PieceCutter
from tests.builders import NOON, a_job_id

REF = AttemptRef(a_job_id(), 1)
OUT, ERR = Stream.STDOUT, Stream.STDERR


def chunk(offset: int, *records: tuple[Stream, bytes]) -> LogChunk:
    return LogChunk(REF, offset, tuple(LogRecord(stream, NOON, data) for stream, data in records))


def cut(*chunks: LogChunk) -> list[Piece]:
    cutter = PieceCutter()
    return [piece for each in chunks for piece in cutter.feed([each])] + [*cutter.finish()]


def told(*chunks: LogChunk) -> list[tuple[int, str | bytes]]:
    return [(piece.offset, piece.data if piece.text is None else piece.text) for piece in cut(*chunks)]


def test_records_of_one_stream_in_a_row_are_told_together() -> None:
    assert told(chunk(0, (OUT, b"a"), (OUT, b"b"), (ERR, b"c"), (OUT, b"d"))) == [(0, "ab"), (2, "c"), (3, "d")]


def test_a_character_cut_between_two_reads_is_told_whole() -> None:
    euro = "€".encode()

    assert told(chunk(0, (OUT, b"a" + euro[:1])), chunk(2, (OUT, euro[1:2])), chunk(3, (OUT, euro[2:] + b"b"))) == [
        (0, "a"),
        (1, "€b"),
    ]


def test_a_character_cut_by_another_stream_is_told_as_bytes_in_order() -> None:
    euro = "€".encode()

    assert told(chunk(0, (OUT, b"a" + euro[:2]), (ERR, b"!"), (OUT, euro[2:] + b"b"))) == [
        (0, "a"),
        (1, euro[:2]),
        (3, "!"),
        (4, euro[2:]),
        (5, "b"),
    ]


def test_a_character_that_never_ends_is_told_as_bytes_at_the_end() -> None:
    assert told(chunk(0, (OUT, b"a\xe2\x82"))) == [(0, "a"), (1, b"\xe2\x82")]


def test_going_on_in_the_middle_of_a_character_begins_with_bytes() -> None:
    assert told(chunk(7, (OUT, "€".encode()[1:] + b"b"))) == [(7, "€".encode()[1:]), (9, "b")]


def test_what_is_no_text_is_told_as_bytes() -> None:
    assert told(chunk(0, (OUT, b"\x00\xff\xfe"))) == [(0, b"\x00\xff\xfe")]


_BYTES = st.binary(min_size=1, max_size=6) | st.text(min_size=1).map(str.encode)
_RECORDS = st.lists(st.tuples(st.sampled_from(Stream), _BYTES), max_size=12)


@given(_RECORDS, st.lists(st.integers(0, 60), max_size=4))
def test_whatever_is_written_and_however_it_is_read_each_byte_is_told_once_in_order(records, breaks) -> None:
    whole = chunk(0, *records)
    data = b"".join(piece for _, piece in records)
    bounds = [0, *sorted(at for at in breaks if at < whole.size), whole.size]
    parts = [_between(whole, begin, end) for begin, end in pairwise(bounds)]

    documents = [piece.document(1) for piece in cut(*parts)]

    decoded = [b64decode(d["data"]) if d["encoding"] == "base64" else d["data"].encode() for d in documents]
    assert b"".join(decoded) == data
    assert [d["offset"] for d in documents] == [len(b"".join(decoded[:count])) for count in range(len(decoded))]
    for stream in Stream:
        mine = [raw for d, raw in zip(documents, decoded, strict=True) if d["stream"] == stream.name.lower()]
        assert b"".join(mine) == b"".join(raw for each, raw in records if each is stream)


def _between(whole: LogChunk, begin: int, end: int) -> LogChunk:
    rest, kept = whole.since(begin), []
    left = end - begin
    for record in rest.records:
        if left > 0:
            kept.append((record.stream, record.data[:left]))
        left -= len(record.data)
    return chunk(begin, *kept)


def test_a_long_run_is_told_in_bounded_pieces_that_cut_no_character() -> None:
    text = "a" + "€" * MOST_BYTES

    pieces = cut(chunk(0, (OUT, text.encode())))

    assert "".join(piece.text or "?" for piece in pieces) == text
    assert max(len(piece.data) for piece in pieces) <= MOST_BYTES + 3
