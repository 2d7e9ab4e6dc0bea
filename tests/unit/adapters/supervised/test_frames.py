"""Frames survive any cutting, and nothing else passes for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.adapters.supervised.program import frames

BODIES = st.dictionaries(st.text(max_size=5), st.one_of(st.text(), st.integers(), st.none(), st.booleans()), max_size=4)
FRAMES = st.tuples(st.sampled_from(sorted(frames.TYPES - {frames.DATA})), st.integers(0, 2**64 - 1), BODIES)


@given(st.lists(FRAMES, max_size=8), st.lists(st.integers(1, 40), min_size=1))
def test_frames_arrive_as_they_were_sent_however_they_are_cut(sent, cuts) -> None:
    data = b"".join(frames.control(kind, handle, body) for kind, handle, body in sent)
    reader = frames.FrameReader()

    heard = []
    turn = 0
    while data:
        size = cuts[turn % len(cuts)]
        turn += 1
        heard += reader.feed(data[:size])
        data = data[size:]

    assert [(kind, handle, frames.parse(body)) for kind, handle, body in heard] == sent
    assert reader.pending == 0


@given(st.binary(max_size=200))
def test_noise_is_refused_or_waits_for_more(data) -> None:
    reader = frames.FrameReader()
    try:
        heard = reader.feed(data)
        for _, _, body in heard:
            frames.parse(body)
    except frames.BadFrame:
        return
    assert reader.pending <= len(data)


@pytest.mark.parametrize("kind", [frames.START, frames.DATA])
def test_a_body_beyond_the_limit_is_refused_before_it_arrives(kind) -> None:
    most = frames.MAX_DATA if kind == frames.DATA else frames.MAX_BODY
    assert frames.FrameReader().feed(frames.HEADER.pack(most, kind, 1)) == []
    with pytest.raises(frames.BadFrame):
        frames.FrameReader().feed(frames.HEADER.pack(most + 1, kind, 1))


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b"{", b"\xff", b"[" * 100_000, b'"text"'])
def test_a_body_that_is_no_object_is_refused(body) -> None:
    with pytest.raises(frames.BadFrame):
        frames.parse(body)


def test_what_is_too_large_is_not_sent() -> None:
    with pytest.raises(frames.BadFrame):
        frames.control(frames.START, 1, {"script": "x" * frames.MAX_BODY})
