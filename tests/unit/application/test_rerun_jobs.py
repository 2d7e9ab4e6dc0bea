from datetime import timedelta

import pytest

from runyard.application.jobs.rerun_jobs import CHUNK, RerunJobsCommand, Reruns
from runyard.application.ports.jobs import JobFilter
from runyard.domain.jobs.concurrency import Concurrency, OnConflict
from runyard.domain.jobs.errors import IdempotencyMismatch
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.states import JobState

from .yard import MemoryYard

RED = JobFilter(labels=frozenset({("team", "red")}))


@pytest.fixture
def yard() -> MemoryYard:
    return MemoryYard()


def rerun(yard: MemoryYard, which: JobFilter = RED, **asked: object) -> Reruns:
    yard.clock.advance(1)
    command = RerunJobsCommand(**{"which": which, "most": 10_000, **asked})  # type: ignore[arg-type]
    return yard.rerun_jobs.execute(command)


def finished(yard: MemoryYard, **asked: object) -> JobId:
    job = yard.submit(**{"labels": {"team": "red"}, **asked})
    return yard.cancel(job.id).id


def reds(yard: MemoryYard) -> int:
    return len(rerun(yard, dry_run=True).items)


def test_each_finished_job_is_a_new_one_with_its_specification(yard) -> None:
    old = [finished(yard, name=f"job-{number}", env={"A": str(number)}) for number in range(3)]
    finished(yard, labels={"team": "blue"})

    reruns = rerun(yard)

    assert [each.job_id for each in reruns.items] == old[::-1]
    with yard.store.read() as reading:
        specs = [reading.jobs.get(each.again).spec for each in reruns.items if each.again]
    assert [(spec.name, spec.env, spec.rerun_of) for spec in specs] == [
        (f"job-{number}", {"A": str(number)}, old[number]) for number in (2, 1, 0)
    ]
    assert yard.get(old[0]).state is JobState.CANCELLED


def test_what_has_not_finished_is_refused_and_hinders_nobody(yard) -> None:
    old = finished(yard)
    waits = yard.submit(labels={"team": "red"}).id

    first, second = rerun(yard).items

    assert (first.job_id, first.again, first.refused and first.refused.code) == (waits, None, "job-not-finished")
    assert second.job_id == old
    assert second.again is not None


def test_a_job_whose_key_is_busy_is_refused_and_the_others_are_not(yard) -> None:
    busy = Concurrency(key="k", on_conflict=OnConflict.REJECT)
    keyed = finished(yard, concurrency=busy)
    plain = finished(yard)
    yard.submit(concurrency=busy)

    codes = {each.job_id: each.refused and each.refused.code for each in rerun(yard, key="K").items}

    assert codes == {plain: None, keyed: "key-busy"}


def test_the_same_call_again_reruns_nothing_twice_not_even_its_own_reruns(yard) -> None:
    finished(yard), finished(yard)
    first = rerun(yard, key="K")
    for each in first.items:
        yard.cancel(each.again or JobId(""))

    again = rerun(yard, key="K")

    assert [(each.job_id, each.again) for each in again.items] == [(each.job_id, each.again) for each in first.items]
    assert all(each.replayed for each in again.items)
    assert reds(yard) == 4


def test_what_finished_between_two_calls_is_left_to_the_second(yard) -> None:
    late = yard.submit(labels={"team": "red"}).id
    assert rerun(yard, key="K").items[0].refused
    yard.cancel(late)

    (told,) = rerun(yard, key="K").items

    assert told.again
    assert not told.replayed


def test_another_filter_under_the_same_key_is_refused_and_does_nothing(yard) -> None:
    finished(yard)
    rerun(yard, key="K")

    with pytest.raises(IdempotencyMismatch):
        rerun(yard, JobFilter(queue="default"), key="K")

    assert reds(yard) == 2


def test_pages_under_one_key_are_one_call(yard) -> None:
    old = [finished(yard) for _ in range(5)]

    first = rerun(yard, key="K", most=3)
    rest = rerun(yard, key="K", most=3, after=first.next_after)

    assert [each.job_id for each in (*first.items, *rest.items)] == old[::-1]
    assert rest.next_after is None


def test_without_a_key_every_call_is_a_new_one(yard) -> None:
    finished(yard)
    rerun(yard)

    assert [each.refused is None for each in rerun(yard).items] == [False, True]


def test_a_dry_run_does_nothing_and_does_not_use_up_the_key(yard) -> None:
    job = finished(yard)

    told = rerun(yard, dry_run=True, key="K").items

    assert [(each.job_id, each.again, each.refused) for each in told] == [(job, None, None)]
    assert reds(yard) == 1
    assert not rerun(yard, key="K").items[0].replayed


def test_a_time_in_the_filter_counts_beside_that_of_the_call(yard) -> None:
    old = finished(yard)
    yard.clock.advance(10)
    with yard.store.read() as reading:
        moment = reading.now()
    yard.clock.advance(10)
    finished(yard)

    told = rerun(yard, JobFilter(created_before=moment + timedelta(seconds=1)), key="K").items

    assert [each.job_id for each in told] == [old]


def test_more_than_one_transaction_holds_are_rerun_too(yard) -> None:
    for _ in range(2 * CHUNK + 1):
        finished(yard)

    assert sum(each.again is not None for each in rerun(yard).items) == 2 * CHUNK + 1
