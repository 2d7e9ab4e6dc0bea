from datetime import timedelta

from runyard.application.jobs.create_jobs import CreateJobsCommand
from runyard.application.ports.rings import READY
from tests.builders import a_spec
from tests.unit.application.yard import MemoryYard


def test_a_created_job_is_queued_under_an_id_of_its_own(yard: MemoryYard) -> None:
    records = yard.create_jobs.execute(CreateJobsCommand(specs=[a_spec(), a_spec(name="second")]))

    assert [record.job.state for record in records] == ["queued", "queued"]
    assert records[0].job.id < records[1].job.id
    assert yard.get(records[1].job.id) == records[1].job


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
