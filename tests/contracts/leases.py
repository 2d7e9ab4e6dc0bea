"""What any store of leases must do."""

from datetime import timedelta

from runyard.domain.jobs.leases import LeaseWatch
from runyard.domain.jobs.limits import Replacement
from runyard.domain.jobs.states import JobState

from ..builders import NOON, a_new_job, a_spec, an_attempt
from .stores import Store, at_once, record, store_all

SECOND = timedelta(seconds=1)


def a_leased(lease: int, ends: int, **values):
    """A job that is claimed, with a lease that ends so many seconds after noon."""
    attempt = an_attempt(lease=lease, lease_until=NOON + ends * SECOND)
    return a_new_job(a_spec(**values), state=JobState.CLAIMED, attempt=attempt)


def watch(store: Store) -> LeaseWatch | None:
    with store.begin() as work:
        return work.leases.watch()


class LeasesContract:
    """The promises of the port `Leases`."""

    def test_the_longest_lease_of_all_that_lives_is_known(self, store: Store):
        ended = an_attempt(lease=900, lease_until=NOON, outcome=None, ended_at=None)
        store_all(store, [a_new_job(state=JobState.RUNNING), a_new_job()])
        with store.begin() as work:
            assert work.leases.longest() is None
        store_all(store, [a_leased(30, 1), a_leased(600, 1)])
        assert ended.lease == 900

        with store.begin() as work:
            assert work.leases.longest() == 600

    def test_leases_that_have_ended_are_told_the_longest_ended_first(self, store: Store):
        late, later, lasts = store_all(store, [a_leased(30, 5), a_leased(30, 3), a_leased(30, 10)])
        unleased = a_new_job(state=JobState.RUNNING)
        store_all(store, [unleased])

        with store.begin() as work:
            now = NOON + 10 * SECOND
            assert work.leases.lapsed(now, 9) == [later.job.id, late.job.id]
            assert work.leases.lapsed(now, 1) == [later.job.id]
            assert work.leases.lapsed(now + timedelta(microseconds=1), 9)[-1] == lasts.job.id

    def test_what_is_unreachable_already_or_has_ended_is_not_told_again(self, store: Store):
        from runyard.application.ports.jobs import Change  # noqa: PLC0415 - beside its one use

        [waits, lost] = store_all(store, [a_leased(30, 1, replace=Replacement.AFTER_CONFIRMED_END), a_leased(30, 1)])
        now = NOON + 5 * SECOND
        with store.begin() as work:
            jobs = work.jobs.lock([waits.job.id, lost.job.id])
            work.jobs.save_all(
                [
                    Change(job, job.unreachable("gone") if job.id == waits.job.id else job.lost(now=now, why="gone"))
                    for job in jobs
                ]
            )
            work.commit()

        with store.begin() as work:
            assert work.leases.lapsed(now, 9) == []
        assert record(store, waits.job.id).job.replacement is Replacement.AFTER_CONFIRMED_END

    def test_a_watch_is_kept_and_replaced(self, store: Store):
        assert watch(store) is None
        for seconds in (1, 2):
            kept = LeaseWatch(swept_at=NOON + seconds * SECOND, hold_until=NOON + 60 * SECOND)
            with store.begin() as work:
                work.leases.keep(kept)
                assert work.leases.watch() == kept
                work.commit()
            assert watch(store) == kept

    def test_an_uncommitted_watch_never_was(self, store: Store):
        with store.begin() as work:
            work.leases.keep(LeaseWatch(swept_at=NOON, hold_until=NOON))

        assert watch(store) is None

    def test_sweepers_that_meet_look_one_after_the_other(self, store: Store):
        with store.begin() as work:
            work.leases.keep(LeaseWatch(swept_at=NOON, hold_until=NOON))
            work.commit()

        def sweep(_: int) -> None:
            with store.begin() as work:
                last = work.leases.watch()
                assert last is not None
                work.leases.keep(LeaseWatch(swept_at=last.swept_at + SECOND, hold_until=NOON))
                work.commit()

        at_once(8, sweep)

        last = watch(store)
        assert last is not None
        assert last.swept_at == NOON + 8 * SECOND
