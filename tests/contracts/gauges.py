"""What any store must be able to say of itself in numbers."""

from collections.abc import Set as AbstractSet
from datetime import timedelta

from runyard.application.ports.gauges import LaneStanding
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.domain.jobs.states import JobState

from ..builders import NOON, a_job, a_new_job, a_spec
from .stores import Store, store_all

LATER = NOON + timedelta(seconds=30)


def lanes(
    store: Store, *, most: int = 10, depth: int = 100, heads: int = 100, projects: AbstractSet[str] | None = None
) -> list[LaneStanding]:
    with store.read() as reading:
        return reading.gauges.lanes(most=most, depth=depth, heads=heads, projects=projects)


class GaugeReadingContract:
    """The promises of the port `GaugeReading`."""

    def test_an_empty_store_has_nothing_to_count(self, store: Store):
        with store.read() as reading:
            assert reading.gauges.states(10) == {}
            assert reading.gauges.stored_output() == 0
        assert lanes(store) == []

    def test_queues_are_counted_and_the_oldest_wait_is_found(self, store: Store):
        store_all(store, [a_new_job(a_spec(queue="b"), created_at=LATER), a_new_job(a_spec(queue="b"))])
        store_all(store, [a_new_job(a_spec(queue="a"), created_at=LATER)])
        store_all(store, [a_new_job(a_spec(queue="c"), state=JobState.RUNNING)])

        assert lanes(store) == [LaneStanding("a", 1, LATER), LaneStanding("b", 2, NOON)]
        assert lanes(store, most=1) == [LaneStanding("a", 1, LATER)]

    def test_queues_of_each_project_are_counted_by_themselves(self, store: Store):
        store_all(store, [a_new_job(a_spec(queue="a")), a_new_job(a_spec(queue="a", project="other"))])
        mine, theirs = LaneStanding("a", 1, NOON, "default"), LaneStanding("a", 1, NOON, "other")

        assert lanes(store) == [mine, theirs]
        assert lanes(store, projects={"other", "none"}) == [theirs]
        assert lanes(store, projects=frozenset()) == []

    def test_no_queue_is_walked_further_than_asked(self, store: Store):
        urgent = [a_new_job(a_spec(priority=10), created_at=LATER) for _ in range(3)]
        store_all(store, [*urgent, a_new_job()])

        assert lanes(store, depth=2) == [LaneStanding("default", 2, NOON)]
        assert lanes(store, heads=3) == [LaneStanding("default", 4, LATER)]

    def test_unfinished_jobs_are_counted_by_state(self, store: Store):
        store_all(store, [a_new_job(state=state) for state in JobState if state is not JobState.DRAFT])
        store_all(store, [a_new_job(), a_new_job()])

        with store.read() as reading:
            found, some = reading.gauges.states(100), reading.gauges.states(3)
        assert found == {
            JobState.PENDING: 1,
            JobState.QUEUED: 3,
            JobState.CLAIMED: 1,
            JobState.RUNNING: 1,
            JobState.PAUSED: 1,
            JobState.FINISHING: 1,
        }
        assert sum(some.values()) == 3

    def test_stored_output_is_summed(self, store: Store):
        new = store_all(store, [a_new_job(state=JobState.RUNNING) for _ in range(2)])
        with store.begin() as work:
            record = LogRecord(Stream.STDOUT, NOON, b"twelve bytes")
            work.logs.append([LogChunk(each.job.ref, 0, (record,)) for each in new])
            work.commit()

        with store.read() as reading:
            assert reading.gauges.stored_output() == 24

    def test_those_who_stand_before_a_job_are_counted(self, store: Store):
        first, urgent, last = a_new_job(), a_new_job(a_spec(priority=1)), a_new_job(created_at=LATER)
        store_all(store, [first, urgent, last, a_new_job(a_spec(queue="other")), a_new_job(state=JobState.RUNNING)])

        with store.read() as reading:
            ahead = [reading.gauges.ahead(each.job, 10) for each in (urgent, first, last)]
            assert ahead == [0, 1, 2]
            assert reading.gauges.ahead(last.job, 1) == 1
            assert reading.gauges.ahead(a_job(a_spec(queue="nowhere")), 10) == 0
