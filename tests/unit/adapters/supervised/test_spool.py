"""The spool: whatever is appended can be read from any offset until it is acknowledged."""

from functools import partial
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from runyard.adapters.supervised.program import records
from runyard.adapters.supervised.program.spool import HIGH, MEMORY, Spool


def a_spool(directory: Path) -> Spool:
    (directory / "o").mkdir(exist_ok=True)
    return Spool(str(directory), "a.1")


def read(spool: Spool, offset: int) -> bytes:
    """Everything from there on."""
    found = b""
    while offset < spool.size:
        start, end, row = spool.read(offset)
        assert start >= offset
        data = b"".join(part for _, _, part in records.decode(row))
        assert end - start == len(data) > 0
        found += data
        offset = end
    return found


PIECES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 3), st.integers(1, MEMORY)),
        st.tuples(st.just("small"), st.integers(1, 2), st.integers(1, 50)),
        st.tuples(st.just("acknowledge"), st.just(0), st.integers(0, 100)),
        st.tuples(st.just("read"), st.just(0), st.integers(0, 100)),
        st.tuples(st.just("restart"), st.just(0), st.just(0)),
    ),
    max_size=60,
)


@given(PIECES)
def test_nothing_is_lost_before_it_is_acknowledged(tmp_path_factory, pieces) -> None:
    directory = tmp_path_factory.mktemp("spool")
    spool, whole, time = a_spool(directory), b"", 0
    ended = False
    for kind, stream, number in pieces:
        if kind in ("write", "small") and not ended:
            data = bytes([len(whole) % 251]) * number
            time += 4000
            spool.append(stream, time, data)
            whole += data
        elif kind == "acknowledge":
            spool.acknowledge(spool.size * number // 100)
        elif kind == "read":
            offset = max(spool.base, spool.size * number // 100)
            assert read(spool, offset) == whole[offset:]
        elif kind == "restart":
            ended = True
            starts = [int(path.suffix[1:]) for path in (directory / "o").iterdir()]
            memory, memory_start = spool.memory, spool.memory_start
            spool = a_spool(directory)
            spool.restore(starts, memory_start, partial(bytes, memory))
        assert spool.size == len(whole)

    assert read(spool, spool.base) == whole[spool.base :]
    spool.acknowledge(spool.size)
    assert list((directory / "o").iterdir()) == []
    assert spool.held == 0


def test_small_writes_of_one_stream_within_moments_are_one_record(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    for number in range(100):
        spool.append(1, number * 10, b"x")
    spool.append(2, 1000, b"y")
    spool.append(2, 900_000, b"z")

    found = records.decode(spool.read(0)[2])
    assert [(stream, data) for stream, _, data in found] == [(1, b"x" * 100), (2, b"y"), (2, b"z")]


def test_what_was_read_is_not_changed_by_what_follows(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(1, 0, b"one")
    spool.read(0)
    spool.append(1, 1, b"two")

    assert spool.read(3) == (3, 6, records.encode(1, 1, b"two"))


def test_short_output_needs_no_file(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(1, 0, bytes(MEMORY - 100))

    assert list((tmp_path / "o").iterdir()) == []
    assert spool.unsynced() == []


def test_it_is_full_at_its_mark_and_not_after_an_acknowledgement(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    while not spool.full():
        spool.append(1, spool.size * 1000, bytes(MEMORY))

    assert HIGH <= spool.held < HIGH + 2 * MEMORY
    assert len(list((tmp_path / "o").iterdir())) > 60
    spool.acknowledge(spool.size // 2)
    assert not spool.full()


def test_a_disk_that_takes_nothing_loses_nothing(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    (tmp_path / "o").rmdir()
    for _ in range(3):
        spool.append(1, spool.size * 1000, bytes(MEMORY))
    assert spool.full()

    (tmp_path / "o").mkdir()
    assert not spool.full()
    assert read(spool, 0) == bytes(3 * MEMORY)


def test_what_a_full_disk_held_back_goes_on_when_it_was_acknowledged(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    (tmp_path / "o").rmdir()
    for _ in range(3):
        spool.append(1, spool.size * 1000, bytes(MEMORY))
    assert spool.full()

    spool.acknowledge(spool.size)
    assert not spool.full()


def test_a_segment_torn_by_a_power_loss_is_read_as_far_as_it_is_whole(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    for _ in range(3):
        spool.append(1, spool.size * 1000, bytes(40_000))
    (segment,) = (tmp_path / "o").iterdir()
    segment.write_bytes(segment.read_bytes()[:-1] if segment.stat().st_size < 80_000 else segment.read_bytes()[:-7])

    again = a_spool(tmp_path)
    again.restore([0], None, bytes)
    assert read(again, 0) == bytes(again.size)
    assert again.size in (0, 40_000)
