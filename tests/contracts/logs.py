"""What any store of logs must do."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runyard.domain.jobs.errors import LogGap
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.log import LogChunk, LogHead, LogRecord, Stream, joined
from runyard.domain.jobs.states import JobState

from ..builders import NOON, a_new_job
from .stores import Store, at_once, store_all

RECORDS = st.lists(
    st.builds(
        LogRecord,
        stream=st.sampled_from(Stream),
        at=st.integers(-(10**15), 10**15).map(lambda microseconds: NOON + timedelta(microseconds=microseconds)),
        data=st.binary(min_size=1, max_size=50),
    ),
    min_size=1,
    max_size=8,
)
MANY = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def a_ref(store: Store) -> AttemptRef:
    [new] = store_all(store, [a_new_job(state=JobState.RUNNING)])
    return new.job.ref


def a_chunk(ref: AttemptRef, offset: int, *data: bytes) -> LogChunk:
    return LogChunk(ref, offset, tuple(LogRecord(Stream.STDOUT, NOON, each) for each in data))


def append(store: Store, *chunks: LogChunk) -> None:
    with store.begin() as work:
        work.logs.append(chunks)
        work.commit()


def records(store: Store, ref: AttemptRef, *, offset: int = 0, most: int = 1000) -> list[LogRecord]:
    """Everything from the offset on, slice by slice."""
    found: list[LogRecord] = []
    while True:
        with store.read() as reading:
            part = reading.logs.read(ref, offset=offset, most=most)
        if not part.chunks:
            assert part.end == offset
            return found
        assert part.chunks[0].offset == offset
        assert all(one.end == two.offset for one, two in itertools.pairwise(part.chunks))
        assert part.chunks[-1].end == part.end
        found += [record for chunk in part.chunks for record in chunk.records]
        offset = part.end


class LogsContract:
    """The promises of the ports `Logs` and `LogReading`."""

    def test_an_attempt_without_output_stands_at_nothing(self, store: Store):
        ref = a_ref(store)
        with store.begin() as work:
            assert work.logs.heads([ref]) == {ref: LogHead(ref, 0)}
            assert work.logs.heads([]) == {}
        with store.read() as reading:
            assert reading.logs.stored([ref]) == {ref: 0}
            assert reading.logs.stored([]) == {}
        assert records(store, ref) == []

    @MANY
    @given(written=st.lists(RECORDS, min_size=1, max_size=4), offset=st.integers(0, 60), most=st.integers(0, 100))
    def test_records_come_back_as_they_were_from_any_offset(self, store: Store, written, offset, most):
        ref = a_ref(store)
        end = 0
        for part in written:
            chunk = LogChunk(ref, end, tuple(part))
            append(store, chunk)
            end = chunk.end
        everything = [record for part in written for record in part]

        assert records(store, ref, most=most) == everything
        assert joined(records(store, ref, offset=offset, most=most)) == joined(everything)[offset:]

    def test_chunks_stored_together_are_as_good_as_one_by_one(self, store: Store):
        one, two = a_ref(store), a_ref(store)
        append(store, a_chunk(one, 0, b"ab"), a_chunk(two, 0, b"x"), a_chunk(one, 2, b"c"), a_chunk(two, 1, b"yz"))

        assert joined(records(store, one)) == b"abc"
        assert joined(records(store, two)) == b"xyz"
        with store.read() as reading:
            assert reading.logs.stored([one, two]) == {one: 3, two: 3}

    def test_a_slice_is_about_as_large_as_asked_for(self, store: Store):
        ref = a_ref(store)
        append(store, a_chunk(ref, 0, *[b"x" * 10] * 100))
        with store.read() as reading:
            assert reading.logs.read(ref, offset=5, most=100).end == 110
            assert reading.logs.read(ref, offset=5, most=1).end == 10

    @pytest.mark.parametrize("offset", [0, 2, 4, 100])
    def test_what_does_not_continue_the_log_is_refused(self, store: Store, offset: int):
        ref = a_ref(store)
        append(store, a_chunk(ref, 0, b"abc"))

        with pytest.raises(LogGap) as refused:
            append(store, a_chunk(ref, offset, b"d"))
        assert refused.value.stored == 3
        assert joined(records(store, ref)) == b"abc"

    def test_empty_chunks_are_nothing(self, store: Store):
        ref = a_ref(store)
        append(store, a_chunk(ref, 0), a_chunk(ref, 0, b"a"), a_chunk(ref, 1, b""))

        assert joined(records(store, ref)) == b"a"

    def test_an_uncommitted_log_was_never_written(self, store: Store):
        ref = a_ref(store)
        with store.begin() as work:
            work.logs.append([a_chunk(ref, 0, b"abc")])

        assert records(store, ref) == []

    def test_attempts_have_logs_of_their_own(self, store: Store):
        one, two = a_ref(store), a_ref(store)
        append(store, a_chunk(one, 0, b"abc"))
        with store.begin() as work:
            heads = work.logs.heads([one, two])

        assert {ref: head.stored for ref, head in heads.items()} == {one: 3, two: 0}

    def test_one_unit_of_work_may_extend_a_log_that_it_has_looked_at_again_and_again(self, store: Store):
        old, new, unseen = a_ref(store), a_ref(store), a_ref(store)
        append(store, a_chunk(old, 0, b"a"))
        with store.begin() as work:
            work.logs.heads([old, new])
            work.logs.append([a_chunk(old, 1, b"b"), a_chunk(new, 0, b"x"), a_chunk(unseen, 0, b"1")])
            work.logs.append([a_chunk(old, 2, b"c"), a_chunk(new, 1, b"y"), a_chunk(unseen, 1, b"2")])
            with pytest.raises(LogGap):
                work.logs.append([a_chunk(old, 2, b"?")])
            assert [head.stored for head in work.logs.heads([old, new, unseen]).values()] == [3, 2, 2]
            work.commit()

        assert [joined(records(store, ref)) for ref in (old, new, unseen)] == [b"abc", b"xy", b"12"]

    def test_twenty_writers_who_lock_the_job_first_lose_nothing(self, store: Store):
        ref = a_ref(store)

        def write(number: int) -> None:
            with store.begin() as work:
                work.jobs.lock([ref.job_id])
                head = work.logs.heads([ref])[ref]
                work.logs.append([a_chunk(ref, head.stored, bytes([number]))])
                work.commit()

        at_once(20, write)
        assert sorted(joined(records(store, ref))) == list(range(20))
