"""Leases that count anew."""

from datetime import timedelta

from runyard.application.jobs.renew_attempts import Renewal, RenewAttemptsCommand
from runyard.application.ports.rings import about_job
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.leases import LeaseTerms
from runyard.domain.jobs.limits import Replacement

from .yard import MemoryYard


def renew(yard: MemoryYard, *renewals: Renewal) -> list[AttemptRef]:
    return yard.renew_attempts.execute(RenewAttemptsCommand(renewals=renewals))


def leased() -> tuple[MemoryYard, Job]:
    yard = MemoryYard(LeaseTerms(setting=1.0))
    job = yard.assigned(replace=Replacement.AFTER_CONFIRMED_END)
    yard.clock.advance(10)
    return yard, job


def until(yard: MemoryYard, job: Job) -> float:
    """Seconds that the lease lasts from now on."""
    ends = yard.get(job.id).current.lease_until
    assert ends is not None
    return (ends - yard.clock.now()) / timedelta(seconds=1)


def test_a_lease_lasts_anew_from_the_moment_of_the_store() -> None:
    yard, job = leased()
    assert until(yard, job) == 116

    assert renew(yard, Renewal(job.ref, job.fence)) == [job.ref]
    assert until(yard, job) == 126


def test_what_was_renewed_a_moment_ago_is_left_alone() -> None:
    yard, job = leased()
    renew(yard, Renewal(job.ref, job.fence))
    version = yard.get(job.id).version
    yard.clock.advance(1)

    assert renew(yard, Renewal(job.ref, job.fence)) == []
    assert yard.get(job.id).version == version


def test_an_old_fence_and_another_attempt_renew_nothing() -> None:
    yard, job = leased()
    wrong = [Renewal(job.ref, job.fence + 1), Renewal(AttemptRef(job.id, 2), job.fence)]

    assert [renew(yard, each) for each in wrong] == [[], []]
    assert until(yard, job) == 116


def test_an_attempt_that_has_none_gets_no_lease() -> None:
    yard = MemoryYard()
    job = yard.assigned()

    assert renew(yard, Renewal(job.ref, job.fence)) == []
    assert yard.get(job.id).current.lease_until is None


def test_who_was_unreachable_is_not_any_more_and_that_is_rung() -> None:
    yard, job = leased()
    heard: list[str] = []
    for _ in range(200):
        yard.clock.advance(1)
        yard.end_leases()
    assert yard.get(job.id).reason == "unreachable"
    yard.rings.listen(about_job(job.id), lambda: heard.append("job"))

    assert renew(yard, Renewal(job.ref, job.fence)) == [job.ref]
    assert (yard.get(job.id).reason, yard.get(job.id).message, heard) == (None, None, ["job"])
