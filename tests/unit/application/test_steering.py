"""Pausing, resuming and giving up."""

import pytest

from runyard.application.jobs.rerun_job import RerunJobCommand
from runyard.application.ports.executor import Started
from runyard.application.ports.rings import about_runner
from runyard.domain.errors import RunyardError
from runyard.domain.jobs.errors import IdempotencyMismatch, JobNotFinished, JobNotFound
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import IllegalTransition
from runyard.domain.jobs.steering import BeingCancelled
from tests.builders import a_job_id
from tests.unit.application.yard import MemoryYard, ended


def running(yard: MemoryYard) -> Job:
    job = yard.assigned()
    yard.report(Started(job.ref, "group"), fence=job.fence)
    return yard.get(job.id)


def test_pausing_twice_and_resuming_twice_are_as_once(yard: MemoryYard) -> None:
    job = running(yard)

    assert [yard.pause(job.id).state, yard.pause(job.id).state] == ["paused", "paused"]
    assert yard.get(job.id).version == job.version + 1
    assert [yard.resume(job.id).state, yard.resume(job.id).state] == ["running", "running"]
    assert yard.get(job.id).version == job.version + 2


def test_each_wish_rings_for_the_driver(yard: MemoryYard) -> None:
    job = running(yard)
    heard: list[str] = []
    yard.rings.listen(about_runner(yard.runner.id), lambda: heard.append("look"))

    yard.pause(job.id)
    yard.resume(job.id)
    yard.force(job.id)

    assert len(heard) == 3


def test_only_what_runs_is_paused(yard: MemoryYard) -> None:
    waiting, claimed = yard.submit(), None
    with pytest.raises(IllegalTransition):
        yard.pause(waiting.id)
    (claimed,) = (each.job for each in yard.assign())
    with pytest.raises(IllegalTransition):
        yard.pause(claimed.id)
    with pytest.raises(IllegalTransition):
        yard.resume(claimed.id)


def test_what_is_being_cancelled_is_not_paused(yard: MemoryYard) -> None:
    job = running(yard)
    yard.cancel(job.id)

    with pytest.raises(BeingCancelled):
        yard.pause(job.id)


def test_a_paused_job_that_ends_all_the_same_has_ended(yard: MemoryYard) -> None:
    job = running(yard)
    yard.pause(job.id)

    yard.report(ended(job), fence=job.fence)

    assert yard.get(job.id).state == "succeeded"


def test_what_has_no_live_attempt_cannot_be_force_finished(yard: MemoryYard) -> None:
    with pytest.raises(RunyardError):
        yard.force(yard.submit().id)


def test_a_late_outcome_of_a_force_finished_job_changes_nothing(yard: MemoryYard) -> None:
    job = running(yard)
    yard.force(job.id)

    (answer,) = yard.report(ended(job), fence=job.fence)

    assert answer.refused is not None
    assert yard.get(job.id).reason == "forced"


def test_a_finished_job_runs_again_as_a_new_one(yard: MemoryYard) -> None:
    job = yard.submit(command=("again",), labels={"a": "b"})
    yard.cancel(job.id)

    again = yard.rerun_job.execute(RerunJobCommand(job_id=job.id)).accepted

    assert again.job.id != job.id
    assert (again.job.state, again.spec.rerun_of) == ("queued", job.id)
    assert (again.spec.command, again.spec.labels) == (("again",), {"a": "b"})
    assert yard.get(job.id).state == "cancelled"


def test_what_has_not_finished_does_not_run_again(yard: MemoryYard) -> None:
    with pytest.raises(JobNotFinished):
        yard.rerun_job.execute(RerunJobCommand(job_id=yard.submit().id))


def test_a_rerun_repeated_under_its_key_is_one_job(yard: MemoryYard) -> None:
    jobs = [yard.cancel(yard.submit().id) for _ in range(2)]

    first, again = (yard.rerun_job.execute(RerunJobCommand(job_id=jobs[0].id, key="k")) for _ in range(2))
    other = yard.rerun_job.execute(RerunJobCommand(job_id=jobs[1].id, key="k"))

    assert again.replayed
    assert again.accepted.job == first.accepted.job
    assert isinstance(other.refused, IdempotencyMismatch)


@pytest.mark.parametrize("act", ["pause", "resume", "force"])
def test_a_job_that_is_not_there_is_not_found(yard: MemoryYard, act: str) -> None:
    with pytest.raises(JobNotFound):
        getattr(yard, act)(a_job_id())
