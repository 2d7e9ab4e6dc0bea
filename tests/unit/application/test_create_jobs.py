from datetime import timedelta

from runyard.application.jobs.create_jobs import Created, CreateJobsCommand
from runyard.application.jobs.forget_keys import ForgetKeysCommand
from runyard.application.ports.jobs import JobFilter
from runyard.application.ports.rings import READY
from runyard.domain.jobs.errors import IdempotencyMismatch
from runyard.domain.jobs.submission import Submission, SubmissionKey
from tests.builders import a_spec
from tests.unit.application.yard import MemoryYard


def create(yard: MemoryYard, *submissions: Submission) -> list[Created]:
    return yard.create_jobs.execute(CreateJobsCommand(submissions=submissions))


def keyed(key: str, fingerprint: str = "f") -> Submission:
    return Submission(spec=a_spec(), key=SubmissionKey(key, fingerprint))


def count(yard: MemoryYard) -> int:
    with yard.store.read() as reading:
        return len(reading.jobs.page(JobFilter(), after=None, limit=100).items)


def test_a_created_job_is_queued_under_an_id_of_its_own(yard: MemoryYard) -> None:
    jobs = [
        created.accepted.job
        for created in create(yard, Submission(spec=a_spec()), Submission(spec=a_spec(name="second")))
    ]

    assert [job.state for job in jobs] == ["queued", "queued"]
    assert jobs[0].id < jobs[1].id
    assert yard.get(jobs[1].id) == jobs[1]


def test_a_repeated_submission_is_the_same_job_as_it_is_now(yard: MemoryYard) -> None:
    (first,) = create(yard, keyed("k"))
    yard.cancel(first.accepted.job.id)

    (again,) = create(yard, keyed("k"))

    assert (first.replayed, again.replayed) == (False, True)
    assert again.accepted.job == yard.get(first.accepted.job.id)
    assert again.accepted.job.state == "cancelled"
    assert count(yard) == 1


def test_f70_a_key_used_for_something_else_is_refused_and_hinders_nobody(yard: MemoryYard) -> None:
    create(yard, keyed("k"))

    refused, other = create(yard, keyed("k", "another"), keyed("k2"))

    assert isinstance(refused.refused, IdempotencyMismatch)
    assert other.accepted.job.state == "queued"
    assert count(yard) == 2


def test_one_key_twice_in_a_batch_makes_one_job(yard: MemoryYard) -> None:
    first, again, other = create(yard, keyed("k"), keyed("k"), keyed("k", "another"))

    assert again.replayed
    assert again.accepted == first.accepted
    assert isinstance(other.refused, IdempotencyMismatch)
    assert count(yard) == 1


def test_a_replayed_submission_wakes_nobody(yard: MemoryYard) -> None:
    create(yard, keyed("k"))
    heard: list[str] = []
    yard.rings.listen(READY, lambda: heard.append("ready"))

    create(yard, keyed("k"))

    assert heard == []


def test_a_key_is_forgotten_after_a_day(yard: MemoryYard) -> None:
    (first,) = create(yard, keyed("k"))
    yard.clock.advance(86399)
    assert yard.forget_keys.execute(ForgetKeysCommand()) == 0
    yard.clock.advance(1)
    assert yard.forget_keys.execute(ForgetKeysCommand()) == 1

    (second,) = create(yard, keyed("k", "another"))

    assert second.accepted.job.id != first.accepted.job.id


def test_whoever_waits_for_work_is_rung(yard: MemoryYard) -> None:
    heard: list[str] = []
    yard.rings.listen(READY, lambda: heard.append("ready"))

    yard.submit()

    assert heard == ["ready"]


def test_a_scheduled_job_is_queued_when_its_moment_comes(yard: MemoryYard) -> None:
    job = yard.submit(not_before=yard.clock.now() + timedelta(seconds=5))

    yard.clock.advance(4.9)
    assert yard.control_tasks.run_due() == 0
    assert (yard.get(job.id).state, yard.get(job.id).reason) == ("pending", "scheduled")
    yard.clock.advance(0.1)
    assert yard.control_tasks.run_due() == 1
    assert (yard.get(job.id).state, yard.get(job.id).reason) == ("queued", None)


def test_a_job_scheduled_for_next_year_waits_for_a_tick_then(yard: MemoryYard) -> None:
    job = yard.submit(not_before=yard.clock.now() + timedelta(days=365))

    yard.clock.advance(365 * 86400)

    assert yard.control_tasks.run_due() == 0
    assert yard.sweep() == 1
    assert yard.get(job.id).state == "queued"
