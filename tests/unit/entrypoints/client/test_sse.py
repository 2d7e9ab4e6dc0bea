"""Server-sent events in any pieces."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from runyard.entrypoints.client.sse import Event, Parser

TEXT = (
    b': ping\n\nid: 1\nevent: log\ndata: {"a": 1}\n\n'
    b"event: state\r\ndata: two\r\ndata: lines\r\n\r\n"
    b"data:tight\n\n: only a comment\n\nid: 9\nevent: end\ndata: cut off"
)
EVENTS = [Event("log", b'{"a": 1}', "1"), Event("state", b"two\nlines", None), Event("message", b"tight", None)]


@given(st.lists(st.integers(0, len(TEXT)), max_size=20))
def test_pieces_make_no_difference(cuts) -> None:
    parser, edges = Parser(), [0, *sorted(cuts), len(TEXT)]

    events = [event for start, end in itertools.pairwise(edges) for event in parser.feed(TEXT[start:end])]

    assert events == EVENTS
