"""What any store of concurrency keys must do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from runyard.application.ports.jobs import Change, JobFilter, NewJob
from runyard.domain.jobs.concurrency import Concurrency
from runyard.domain.jobs.decisions import let_in
from runyard.domain.jobs.errors import SeatTaken
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.seating import PlaceInLine, Seating, Waiter

from ..builders import NOON, a_job_id, a_new_job, a_runner_id, a_spec
from .lives import HOSTILE
from .stores import Store, at_once, record, save, store_all, stored


def of_key(key: str = "k", *, seat: int | None = None, **values: Any) -> NewJob:
    """A job in line for a seat of this key; with a `seat`, queued."""
    spec = a_spec(concurrency=Concurrency(key=key))
    job = replace(Job.submitted(a_job_id(), spec, now=NOON), **values)
    return NewJob(job if seat is None else job.decided(let_in(seat), now=NOON), spec)


def lock(store: Store, *keys: str, most: int = 9, counted: bool = True) -> list[Seating]:
    with store.begin() as work:
        found = work.seats.lock(dict.fromkeys(keys, most), counted=counted)
        work.commit()
    return found


def ids(jobs: Sequence[NewJob]) -> list[JobId]:
    return [new.job.id for new in jobs]


class SeatsContract:
    """The promises of the port `Seats`."""

    def test_a_key_that_nobody_used_has_one_seat_and_nobody_near_it(self, store: Store):
        assert lock(store, "b", "a") == [Seating(key="a"), Seating(key="b")]

    def test_no_keys_are_no_work(self, store: Store):
        assert lock(store) == []
        with store.begin() as work:
            assert work.seats.keys_of([]) == {}
            assert work.seats.places([]) == {}

    @pytest.mark.parametrize("key", [text for text in HOSTILE if text] + ["k" * 256, "é" * 128])
    def test_any_text_is_a_key(self, store: Store, key: str):
        [holder] = store_all(store, [of_key(key, seat=0)])

        [seating] = lock(store, key)
        assert (seating.key, seating.held_by) == (key, [holder.job.id])
        with store.begin() as work:
            assert work.seats.keys_of([holder.job.id, a_job_id()]) == {holder.job.id: key}

    def test_limits_are_kept_and_what_is_undone_is_not(self, store: Store):
        with store.begin() as work:
            work.seats.save_all([seating.limited_to(7) for seating in work.seats.lock({"k": 1, "other": 1})][:1])
            work.commit()
        with store.begin() as work:
            work.seats.save_all([seating.limited_to(9) for seating in work.seats.lock({"k": 1, "new": 1})])

        assert [seating.limit for seating in lock(store, "k", "new", "other")] == [7, 1, 1]

    def test_holders_and_line_follow_from_the_jobs(self, store: Store):
        holders = store_all(store, [of_key(seat=seat) for seat in (2, 0)])
        ranks = [30, 10, 20, 10]
        waiters = store_all(store, [of_key(rank=rank) for rank in ranks])
        store_all(store, [a_new_job(), of_key("elsewhere"), of_key("elsewhere", seat=0)])

        [seating] = lock(store, "k", most=3)
        line = [Waiter(ranks[place], waiters[place].job.id) for place in (1, 3, 2)]
        assert seating.holders == {2: holders[0].job.id, 0: holders[1].job.id}
        assert (list(seating.line), seating.waiting) == (line, 4)
        [uncounted] = lock(store, "k", most=2, counted=False)
        assert (list(uncounted.line), uncounted.waiting) == (line[:2], 2)

    def test_a_job_that_ends_gives_its_seat_back_and_one_that_leaves_the_line_is_gone(self, store: Store):
        holder, waiter = (stored(store, new) for new in (of_key(seat=0), of_key()))
        save(store, *(Change(job, job.cancelled(now=NOON)) for job in (holder, waiter)))

        [seating] = lock(store, "k")
        assert seating == Seating(key="k")
        assert record(store, holder.id).job.seat is None

    def test_a_job_keeps_its_seat_while_it_is_tried_again(self, store: Store):
        holder = stored(store, of_key(seat=0))
        save(store, Change(holder, holder.claimed_by(a_runner_id(), now=NOON)))
        live = record(store, holder.id).job
        save(store, Change(live, live.released(now=NOON)))

        [seating] = lock(store, "k")
        assert seating.held_by == [holder.id]

    def test_a_seat_passes_from_one_to_the_next_in_one_go(self, store: Store):
        holder, waiter = (stored(store, new) for new in (of_key(seat=0), of_key()))
        save(
            store,
            Change(waiter, waiter.decided(let_in(0), now=NOON)),
            Change(holder, holder.cancelled(now=NOON)),
        )

        [seating] = lock(store, "k")
        assert (seating.held_by, seating.line) == ([waiter.id], ())
        assert record(store, waiter.id).job.state == "queued"

    def test_two_jobs_in_one_seat_are_refused_and_nothing_is_saved(self, store: Store):
        stored(store, of_key(seat=0))
        waiter, plain = stored(store, of_key()), stored(store, a_new_job())

        with store.begin() as work:
            with pytest.raises(SeatTaken):
                work.jobs.add_all([a_new_job(), of_key(seat=0)])
            work.commit()
        with pytest.raises(SeatTaken):
            save(store, Change(plain, plain.cancelled(now=NOON)), Change(waiter, waiter.decided(let_in(0), now=NOON)))
        with pytest.raises(SeatTaken):
            store_all(store, [of_key(seat=1), of_key(seat=1)])

        assert record(store, plain.id).job == plain
        assert lock(store, "k")[0].line == (Waiter(waiter.rank, waiter.id),)

    def test_places_say_where_a_job_stands_and_behind_whom(self, store: Store):
        holders = store_all(store, [of_key(seat=seat) for seat in (0, 1)])
        waiters = store_all(store, [of_key(rank=rank) for rank in (3, 1, 2)])

        with store.begin() as work:
            places = work.seats.places([*ids(waiters[:2]), holders[0].job.id, a_job_id()])
        assert places == {
            waiters[0].job.id: PlaceInLine(3, 3, tuple(ids(holders))),
            waiters[1].job.id: PlaceInLine(1, 3, tuple(ids(holders))),
        }
        assert record(store, waiters[0].job.id).place == places[waiters[0].job.id]
        assert record(store, holders[0].job.id).place is None

    def test_a_look_tells_holders_and_how_many_wait(self, store: Store):
        [holder] = store_all(store, [of_key(seat=0)])
        store_all(store, [of_key(), of_key()])
        with store.begin() as work:
            work.seats.save_all([seating.limited_to(2) for seating in work.seats.lock({"k": 1})])
            work.commit()

        with store.read() as reading:
            assert reading.seats.look("k") == Seating(key="k", limit=2, holders={0: holder.job.id}, waiting=2)
            assert reading.seats.look("unused") == Seating(key="unused")

    def test_the_first_in_line_for_a_free_seat_is_restless_and_so_is_what_is_due(self, store: Store):
        with store.begin() as work:
            past = work.now() - timedelta(seconds=1)
        store_all(store, [of_key("held", seat=0), of_key("held"), of_key("idle", seat=0), a_new_job()])
        first, _ = store_all(store, [of_key("free", rank=1), of_key("free", rank=2)])
        [scheduled] = store_all(store, [of_key("due", reason="scheduled", eligible_at=past)])
        lock(store, "held", "free", "idle", "due")

        with store.begin() as work:
            assert set(work.seats.restless(9)) == {first.job.id, scheduled.job.id}
            assert len(work.seats.restless(1)) == 1
            assert work.jobs.lock_due(9) == []

    def test_twenty_who_forget_the_lock_never_hold_more_seats_than_there_are(self, store: Store):
        """On purpose wrong: each looks without a lock and takes the first seat it saw free."""
        lock(store, "k")

        def barge_in(_: int) -> bool:
            with store.read() as reading:
                taken = {item.job.seat for item in reading.jobs.page(JobFilter(), after=None, limit=100).items}
            try:
                store_all(store, [of_key(seat=min({0, 1, 2} - taken))])
            except (SeatTaken, ValueError):
                return False
            return True

        seated = at_once(20, barge_in).count(True)
        [seating] = lock(store, "k")
        assert 1 <= seated == len(seating.holders) <= 3

    def test_who_waited_for_a_key_sees_who_got_its_seat(self, store: Store):
        def take(_: int) -> bool:
            with store.begin() as work:
                [seating] = work.seats.lock({"k": 1})
                if seating.free:
                    work.jobs.add_all([of_key(seat=seating.free[0])])
                work.commit()
            return bool(seating.free)

        assert at_once(20, take).count(True) == 1

    def test_batches_with_the_same_new_keys_in_any_order_wait_for_one_another(self, store: Store):
        keys = [f"k{number}" for number in range(30)]

        def batch(number: int) -> int:
            return len(lock(store, *(keys if number % 2 else keys[::-1])))

        assert at_once(8, batch) == [30] * 8
