"""What any store of jobs must do when many want the same ones."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings

from runyard.application.ports.jobs import Change, LaneShare
from runyard.domain.jobs.errors import StaleJobs
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.lanes import Placement
from runyard.domain.jobs.states import JobState

from ..builders import NOON, a_new_job, a_runner_id, a_share, a_spec
from .stores import Store, at_once, record, save, store_all, stored

ALL = [a_share("default", 100)]
MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def taken(store: Store, k: int, shares: list[LaneShare] = ALL) -> list[Job]:
    """Claim and say what was claimed."""
    with store.begin() as work:
        jobs = work.jobs.take(shares, k)
        work.jobs.save_all([Change(job, job.claimed_by(a_runner_id(), now=work.now())) for job in jobs])
        work.commit()
    return jobs


class ClaimsContract:
    """The promises of the port `Jobs` to those who compete."""

    def test_jobs_are_taken_by_rank_and_ties_by_id(self, store: Store):
        ranks = [30, 10, 20, 10]
        new = store_all(store, [a_new_job(rank=rank) for rank in ranks])

        got = [job.id for job in taken(store, 4)]
        assert got == [new[place].job.id for place in (1, 3, 2, 0)]

    def test_queues_are_served_in_the_order_given_and_no_more_than_asked(self, store: Store):
        store_all(store, [a_new_job(a_spec(queue=queue), rank=rank) for queue in ("a", "b", "c") for rank in (2, 1)])

        got = taken(store, 3, [a_share("c", 1), a_share("none", 5), a_share("a", 5), a_share("b", 5)])
        assert [(job.queue, job.rank) for job in got] == [("c", 1), ("a", 1), ("a", 2)]

    def test_nothing_below_the_floor_is_taken(self, store: Store):
        store_all(store, [a_new_job(rank=rank) for rank in (1, 5, 9)])

        assert [job.rank for job in taken(store, 9, [a_share(floor=5)])] == [5, 9]
        assert [job.rank for job in taken(store, 9, [a_share(floor=None)])] == [1]

    def test_owners_and_places_have_lanes_of_their_own(self, store: Store):
        specs = [a_spec(), a_spec(owner="ada"), a_spec(placement=Placement(runner="here"))]
        new = store_all(store, [a_new_job(spec) for spec in specs])

        for item in reversed(new):
            assert [job.id for job in taken(store, 9, [LaneShare(item.spec.lane.key, 9)])] == [item.job.id]

    def test_a_queue_named_twice_gives_no_job_twice(self, store: Store):
        store_all(store, [a_new_job() for _ in range(3)])

        assert len({job.id for job in taken(store, 9, ALL * 2)}) == 3

    def test_nothing_is_taken_where_nothing_is_asked_for(self, store: Store):
        store_all(store, [a_new_job()])

        assert taken(store, 0) == taken(store, 5, []) == taken(store, 5, [a_share("default", 0)]) == []

    @pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.QUEUED}))
    def test_only_queued_jobs_are_taken(self, store: Store, state: JobState):
        store_all(store, [a_new_job(state=state)])

        assert taken(store, 5) == []

    def test_a_job_that_left_its_queue_is_not_taken_and_one_that_came_back_is(self, store: Store):
        job = stored(store, a_new_job(priority=0))
        save(store, Change(job, job.cancelled(now=NOON)))
        assert taken(store, 5) == []

        again = stored(store, a_new_job())
        [claimed] = taken(store, 5)
        live = record(store, claimed.id).job
        save(store, Change(live, replace(live.released(now=NOON), rank=7)))
        assert [(job.id, job.rank) for job in taken(store, 5)] == [(again.id, 7)]

    def test_twenty_claimers_share_one_job_without_sharing_it(self, store: Store):
        store_all(store, [a_new_job()])

        assert Counter(len(got) for got in at_once(20, lambda _: taken(store, 1)))[1] == 1

    def test_twenty_claimers_take_sixty_jobs_once_each(self, store: Store):
        store_all(store, [a_new_job() for _ in range(60)])

        def take_until_empty(_: int) -> list[Job]:
            mine: list[Job] = []
            while got := taken(store, 2):
                mine += got
            return mine

        owned = Counter(job.id for got in at_once(20, take_until_empty) for job in got)
        with store.begin() as work:
            rest = work.jobs.take(ALL, 99)
        assert set(owned.values()) == {1}
        assert len(owned) + len(rest) == 60

    def test_one_of_twenty_writers_wins(self, store: Store):
        job = stored(store, a_new_job())

        def cancel(number: int) -> bool:
            try:
                save(store, Change(job, job.cancelled(now=NOON + timedelta(seconds=number))))
            except StaleJobs:
                return False
            return True

        assert at_once(20, cancel).count(True) == 1

    def test_twenty_adopters_who_lock_first_all_count(self, store: Store):
        job = stored(store, a_new_job(state=JobState.RUNNING))

        def adopt(_: int) -> None:
            with store.begin() as work:
                [locked] = work.jobs.lock([job.id])
                work.jobs.save_all([Change(locked, locked.adopted())])
                work.commit()

        at_once(20, adopt)
        assert record(store, job.id).job.fence == job.fence + 20

    def test_attempts_are_those_of_the_job_as_it_was_locked(self, store: Store):
        job = stored(store, a_new_job(state=JobState.RUNNING))

        def renew(number: int) -> None:
            with store.begin() as work:
                [locked] = work.jobs.lock([job.id])
                until = (locked.current.lease_until or NOON) + timedelta(seconds=1)
                work.jobs.save_all([Change(locked, locked.renewed(until))])
                work.commit()

        at_once(20, renew)
        assert record(store, job.id).job.current.lease_until == NOON + timedelta(seconds=20)

    def test_what_is_due_is_found_the_longest_due_first(self, store: Store):
        with store.begin() as work:
            now = work.now()
        ages = [1, 3, None, 2, -60]
        new = [
            a_new_job(state=JobState.PENDING, eligible_at=now - timedelta(seconds=age)) if age else a_new_job()
            for age in ages
        ]
        store_all(store, new)

        with store.begin() as work:
            assert [job.id for job in work.jobs.lock_due(9)] == [new[place].job.id for place in (1, 3, 0)]
            assert [job.id for job in work.jobs.lock_due(2)] == [new[place].job.id for place in (1, 3)]

    def test_a_job_is_due_until_it_was_woken(self, store: Store):
        with store.begin() as work:
            now = work.now()
        job = stored(store, a_new_job(state=JobState.PENDING, eligible_at=now - timedelta(seconds=1)))
        save(store, Change(job, job.woken(now=now)))

        with store.begin() as work:
            assert work.jobs.lock_due(9) == []
        assert [each.id for each in taken(store, 9)] == [job.id]
