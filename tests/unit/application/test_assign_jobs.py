from dataclasses import replace
from datetime import timedelta

import pytest

from runyard.application.jobs.assign_jobs import AssignJobsCommand
from runyard.domain.runners.errors import DriverLost
from tests.builders import BOOT
from tests.unit.application.yard import HELLO, MemoryYard


def test_no_more_is_claimed_than_slots_are_free(yard: MemoryYard) -> None:
    for _ in range(3):
        yard.submit()

    assert len(yard.assign()) == 2
    assert yard.assign() == []


def test_the_most_urgent_goes_first_and_then_the_oldest(yard: MemoryYard) -> None:
    first, _second, urgent = yard.submit(), yard.submit(), yard.submit(priority=10)

    assert [item.job.id for item in yard.assign()] == [urgent.id, first.id]


def test_what_is_claimed_is_armed_under_the_hosts_boot(yard: MemoryYard) -> None:
    job = yard.assigned()

    assert (job.state, job.fence, job.ref.number) == ("claimed", 1, 1)
    assert job.current.armed
    assert job.current.boot_id == BOOT


def test_a_driver_that_was_taken_over_from_claims_nothing(yard: MemoryYard) -> None:
    job, old = yard.submit(), yard.epoch
    yard.clock.advance(60)
    yard.adopt("another")

    with pytest.raises(DriverLost):
        yard.assign_jobs.execute(AssignJobsCommand(runner_id=yard.runner.id, epoch=old, hello=HELLO, most=1))
    assert yard.get(job.id).state == "queued"


def test_a_job_whose_time_is_over_expires_instead_of_being_claimed(yard: MemoryYard) -> None:
    late, fine = yard.submit(queue_timeout=5), yard.submit()
    yard.clock.advance(6)

    assert [item.job.id for item in yard.assign()] == [fine.id]
    assert (yard.get(late.id).state, yard.get(late.id).reason) == ("failed", "expired")


def test_the_rest_of_a_total_timeout_goes_along(yard: MemoryYard) -> None:
    yard.submit(total_timeout=60)
    yard.clock.advance(20)

    assert [item.seconds_left for item in yard.assign()] == [40]


def test_a_runner_takes_from_its_own_queues_only(yard: MemoryYard) -> None:
    yard.submit(queue="gpu")
    with yard.store.begin() as work:
        runner = work.runners.lock(yard.runner.id)
        work.runners.save(replace(runner, queues=("default",)))
        work.commit()

    assert yard.assign() == []


def test_jobs_wait_no_longer_than_their_moment(yard: MemoryYard) -> None:
    yard.submit(not_before=yard.clock.now() + timedelta(seconds=1))

    assert yard.assign() == []
