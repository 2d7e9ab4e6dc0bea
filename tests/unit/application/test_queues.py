import pytest

from runyard.application.jobs.explain_job import ExplainJob, ExplainJobCommand
from runyard.application.jobs.list_queues import ListQueues, ListQueuesCommand
from runyard.application.jobs.pause_queue import PauseQueue, PauseQueueCommand
from runyard.application.jobs.queue_status import QueueStatus
from runyard.application.jobs.resume_queue import ResumeQueue, ResumeQueueCommand
from runyard.application.ports.rings import READY
from runyard.domain.ends import NEVER, End
from runyard.domain.jobs.queues import QueueNotFound
from tests.unit.application.yard import MemoryYard, ended


def pause(yard: MemoryYard, queue: str, end: End = NEVER, reason: str | None = None) -> None:
    PauseQueue(yard.store.begin).execute(PauseQueueCommand(queue=queue, end=end, reason=reason))


def resume(yard: MemoryYard, queue: str) -> None:
    ResumeQueue(yard.store.begin, yard.rings).execute(ResumeQueueCommand(queue=queue))


def listed(yard: MemoryYard, named: str | None = None) -> list[QueueStatus]:
    return ListQueues(yard.store.read).execute(ListQueuesCommand(named=named))


def test_nothing_is_claimed_from_a_paused_queue_and_what_runs_goes_on(yard: MemoryYard) -> None:
    running = yard.assigned(queue="gpu")
    pause(yard, "gpu", reason="driver")
    waiting, other = yard.submit(queue="gpu"), yard.submit()

    assert [item.job.id for item in yard.assign()] == [other.id]
    assert yard.get(waiting.id).state == "queued"
    yard.report(ended(running), fence=1)
    assert yard.get(running.id).state == "succeeded"


def test_a_pause_ends_by_itself(yard: MemoryYard) -> None:
    job = yard.submit(queue="gpu")
    pause(yard, "gpu", End(seconds=60))
    yard.clock.advance(59)
    assert yard.assign() == []

    yard.clock.advance(1)
    assert [item.job.id for item in yard.assign()] == [job.id]


def test_a_resumed_queue_is_claimed_from_at_once(yard: MemoryYard) -> None:
    heard: list[str] = []
    job = yard.submit(queue="gpu")
    pause(yard, "gpu")
    assert yard.assign() == []

    yard.rings.listen(READY, lambda: heard.append(READY))
    resume(yard, "gpu")
    assert heard == [READY]
    assert [item.job.id for item in yard.assign()] == [job.id]


def test_queues_are_listed_where_something_waits_or_nothing_may_start(yard: MemoryYard) -> None:
    since = yard.clock.now()
    yard.submit(queue="busy")
    yard.clock.advance(10)
    yard.submit(queue="busy", owner="ada")
    pause(yard, "held", reason="why")
    pause(yard, "over", End(seconds=1))
    yard.clock.advance(1)

    busy, held = listed(yard)
    assert (busy.queue, busy.waiting, busy.oldest, busy.pause) == ("busy", 2, since, None)
    assert held.pause
    assert (held.queue, held.waiting, held.oldest, held.pause.reason) == ("held", 0, None, "why")
    assert [(status.queue, status.waiting) for status in listed(yard, "never")] == [("never", 0)]


@pytest.mark.parametrize("queue", ["", "a b", "x" * 64])
def test_what_cannot_be_a_queue_is_not_found(yard: MemoryYard, queue: str) -> None:
    for act in (pause, resume):
        with pytest.raises(QueueNotFound):
            act(yard, queue)


def test_a_job_in_a_paused_queue_is_told_so(yard: MemoryYard) -> None:
    job = yard.submit(queue="gpu")
    pause(yard, "gpu", reason="driver")
    told = ExplainJob(yard.store.read).execute(ExplainJobCommand(job=job.id))

    assert (told.told, told.change) == ("queue gpu is paused: driver", "resume queue gpu")
