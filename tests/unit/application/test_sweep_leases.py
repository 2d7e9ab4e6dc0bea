"""Leases that end in the store, and when nothing is called lost although they have."""

from datetime import timedelta

import pytest

from runyard.application.jobs.sweep_leases import SweepLeases, SweepLeasesCommand
from runyard.application.ports.executor import Started
from runyard.application.ports.rings import READY, about_job
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.jobs.concurrency import Concurrency
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.leases import LeaseTerms
from runyard.domain.jobs.limits import OnLost, Replacement
from runyard.domain.jobs.states import JobState

from .yard import MemoryYard, ended

LEASE = 126
"""The shortest that a job with ten seconds of grace can have."""


class LeasedYard(MemoryYard):
    """A yard whose attempts have a lease, with a sweeper that looks each second."""

    def __init__(self) -> None:
        super().__init__(LeaseTerms(setting=1.0))

    def running(self, **asked: object) -> Job:
        job = self.assigned(**asked)
        (counted,) = self.report(Started(job.ref, "group"), fence=job.fence)
        assert counted.job
        return counted.job

    def sweep_for(self, seconds: int) -> int:
        return sum(self.a_second() for _ in range(seconds))

    def a_second(self) -> int:
        self.clock.advance(1)
        return self.end_leases()

    def leap(self, seconds: float) -> None:
        """The clock of the store goes ahead, that of this machine does not."""
        now = self.store._now
        self.store._now = lambda: now() + timedelta(seconds=seconds)


@pytest.fixture
def yard() -> LeasedYard:
    return LeasedYard()


def test_a_job_of_which_nobody_was_heard_for_its_lease_is_queued_again(yard: LeasedYard) -> None:
    heard: list[str] = []
    job = yard.running()
    yard.rings.listen(READY, lambda: heard.append("ready"))
    yard.rings.listen(about_job(job.id), lambda: heard.append("job"))
    assert (job.current.lease, yard.sweep_for(LEASE)) == (LEASE, 0)
    assert yard.get(job.id).state is JobState.RUNNING

    assert yard.a_second() == 1

    lost = yard.get(job.id)
    assert (lost.state, lost.reason, lost.crashes) == (JobState.QUEUED, "lost", 1)
    assert set(heard) == {"ready", "job"}
    assert yard.sweep_for(5) == 0


def test_what_an_old_host_says_after_that_changes_nothing(yard: LeasedYard) -> None:
    job = yard.running()
    yard.sweep_for(LEASE + 1)

    (answer,) = yard.report(ended(job), fence=job.fence)
    assert answer.refused
    assert yard.get(job.id).state is JobState.QUEUED


def test_the_policy_of_the_job_decides(yard: LeasedYard) -> None:
    once = yard.running(on_lost=OnLost.FAIL)
    cancelled = yard.running()
    yard.cancel(cancelled.id)
    yard.sweep_for(LEASE + 1)

    assert (yard.get(once.id).state, yard.get(once.id).reason) == (JobState.FAILED, "lost")
    assert (yard.get(cancelled.id).state, yard.get(cancelled.id).end_confirmed) == (JobState.CANCELLED, None)


def test_what_waits_for_its_end_is_unreachable_until_somebody_says_so(yard: LeasedYard) -> None:
    job = yard.running(replace=Replacement.AFTER_CONFIRMED_END)
    yard.sweep_for(LEASE + 1)
    away = yard.get(job.id)
    assert (away.state, away.reason, away.fence) == (JobState.RUNNING, "unreachable", job.fence)
    assert yard.sweep_for(600) == 0

    assert yard.force(job.id).reason == "forced"


def test_an_unreachable_job_whose_host_comes_back_goes_on_or_ends(yard: LeasedYard) -> None:
    back = yard.running(replace=Replacement.AFTER_CONFIRMED_END)
    yard.sweep_for(LEASE + 1)

    yard.report(ended(back), fence=back.fence)
    assert yard.get(back.id).state is JobState.SUCCEEDED


def test_a_finishing_job_is_never_run_again(yard: LeasedYard) -> None:
    job = yard.running()
    yard.report(ended(job, log_size=10), fence=job.fence)
    assert yard.get(job.id).state is JobState.FINISHING
    yard.sweep_for(LEASE + 1)

    done = yard.get(job.id)
    assert (done.state, done.current.log_complete) == (JobState.SUCCEEDED, False)


def test_a_lost_job_gives_its_seat_to_the_next_in_line(yard: LeasedYard) -> None:
    key = Concurrency(key="k")
    job = yard.running(concurrency=key, on_lost=OnLost.FAIL)
    waiting = yard.submit(concurrency=key)
    yard.sweep_for(LEASE + 1)

    assert yard.get(job.id).state is JobState.FAILED
    assert yard.get(waiting.id).state is JobState.QUEUED


def test_no_more_are_ended_at_once_than_asked(yard: LeasedYard) -> None:
    jobs = [yard.running(), yard.running()]
    yard.sweep_for(LEASE)
    yard.clock.advance(1)
    some = SweepLeasesCommand(most=1)
    assert [yard.sweep_leases.execute(some) for _ in range(3)] == [1, 1, 0]
    assert {yard.get(job.id).state for job in jobs} == {JobState.QUEUED}


# --- nobody swept ---


def test_after_an_absence_of_all_sweepers_hosts_get_a_minute_to_be_heard_of(yard: LeasedYard) -> None:
    job = yard.running()
    yard.sweep_for(70)
    yard.clock.advance(3600)

    assert yard.sweep_for(60) == 0
    assert yard.get(job.id).state is JobState.RUNNING
    assert yard.a_second() == 1


def test_the_hold_is_everybodys_and_outlives_who_began_it(yard: LeasedYard) -> None:
    yard.running()
    yard.sweep_for(70)
    yard.clock.advance(3600)
    yard.end_leases()

    other = SweepLeases(yard.store.begin, yard.clock, yard.rings, LeaseTerms())
    yard.clock.advance(10)
    assert other.execute(SweepLeasesCommand()) == 0


def test_while_there_are_no_leases_nothing_is_written(yard: LeasedYard) -> None:
    plain = MemoryYard()
    job = plain.assigned()
    for _ in range(30):
        plain.clock.advance(1)
        plain.end_leases()

    assert plain.store._published.watches == {}
    assert plain.get(job.id).current.lease is None


def test_a_first_lease_after_a_quiet_time_is_not_held_beyond_its_end(yard: LeasedYard) -> None:
    yard.clock.advance(100_000)
    yard.end_leases()
    job = yard.running()
    yard.sweep_for(LEASE + 1)

    assert yard.get(job.id).state is JobState.QUEUED


# --- the clock of the store leaps ---


def test_f65_a_leap_of_the_database_clock_loses_nothing_before_a_whole_lease_has_passed(yard: LeasedYard) -> None:
    job = yard.running()
    yard.sweep_for(70)
    yard.leap(900)

    assert yard.sweep_for(LEASE - 1) == 0
    assert yard.get(job.id).state is JobState.RUNNING
    assert yard.sweep_for(3) == 1


def test_f65_without_the_hold_a_leap_of_the_clock_would_lose_what_runs(yard: LeasedYard) -> None:
    """The defence off: a sweeper that does not compare the clocks, and was there a moment ago."""
    job = yard.running()
    yard.sweep_for(70)
    yard.leap(900)
    blind = SweepLeases(yard.store.begin, yard.clock, yard.rings, LeaseTerms(leap=1e9, gap=1e9))

    assert blind.execute(yard.swept) == 1
    assert yard.get(job.id).state is JobState.QUEUED


def test_f65_a_clock_that_goes_back_delays_and_loses_nothing(yard: LeasedYard) -> None:
    job = yard.running()
    yard.sweep_for(70)
    yard.leap(-600)
    assert yard.sweep_for(700) == 1
    assert yard.get(job.id).state is JobState.QUEUED


def test_a_leap_whose_sweep_could_not_be_committed_is_not_forgotten(yard: LeasedYard) -> None:
    job = yard.running()
    yard.sweep_for(70)
    yard.leap(900)
    sound = yard.store._publish
    yard.store._publish = _fails  # type: ignore[assignment, method-assign]
    with pytest.raises(StoreUnavailable):
        yard.a_second()
    yard.store._publish = sound  # type: ignore[method-assign]

    assert yard.sweep_for(LEASE - 2) == 0
    assert yard.get(job.id).state is JobState.RUNNING


def _fails(_: object) -> None:
    raise StoreUnavailable("cut off before the commit")
