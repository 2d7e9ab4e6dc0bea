from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from runyard.application.jobs.create_jobs import CreateJobsCommand
from runyard.application.jobs.explain_job import ExplainJob, ExplainJobCommand
from runyard.application.jobs.force_finish import ForceFinishCommand
from runyard.application.ports.executor import Broken, Started, Voided
from runyard.application.ports.jobs import Change
from runyard.application.ports.rings import READY, about_job, about_runner
from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.concurrency import Concurrency, OnConflict
from runyard.domain.jobs.errors import KeyBusy, KeyLineFull
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import OnLost, RetryPolicy
from runyard.domain.jobs.seating import PlaceInLine
from runyard.domain.jobs.submission import Submission, SubmissionKey
from tests.builders import BOOT, a_spec
from tests.unit.application.yard import MemoryYard, Yard, ended


def key(text: str = "k", **values: Any) -> Concurrency:
    return Concurrency(key=text, **values)


REJECT = key(on_conflict=OnConflict.REJECT)
REPLACE = key(on_conflict=OnConflict.REPLACE_RUNNING)


def running(yard: Yard, **asked: Any) -> Job:
    job = yard.assigned(**{"concurrency": key(), **asked})
    yard.report(Started(job.ref, "cgroup2"), fence=job.fence)
    return yard.get(job.id)


def told(yard: Yard, job: Job) -> tuple[str, str | None]:
    found = yard.get(job.id)
    return found.state.value, found.reason


def lost(yard: Yard, job: Job) -> Job:
    yard.report(Broken(job.ref, why="gone", tree_empty=True), fence=job.fence)
    return yard.get(job.id)


IN_LINE, QUEUED = ("pending", "key_busy"), ("queued", None)


def test_the_second_job_of_a_key_waits_and_says_where_and_behind_whom(yard: MemoryYard) -> None:
    first, second = yard.submit(concurrency=key()), yard.submit(concurrency=key())

    assert (told(yard, first), told(yard, second)) == (QUEUED, IN_LINE)
    with yard.store.read() as reading:
        assert reading.jobs.get(second.id).place == PlaceInLine(1, 1, (first.id,))
    assert [assignment.job.id for assignment in yard.assign()] == [first.id]


@pytest.mark.parametrize("code", [0, 1])
def test_the_next_is_queued_in_the_moment_of_the_end(yard: Yard, code: int) -> None:
    first = running(yard)
    second, third = yard.submit(concurrency=key()), yard.submit(concurrency=key())
    heard: list[str] = []
    for topic in (READY, about_job(second.id), about_job(third.id)):
        yard.rings.listen(topic, partial(heard.append, topic))

    yard.report(ended(first, code), fence=first.fence)

    assert (told(yard, second), told(yard, third)) == (QUEUED, IN_LINE)
    assert set(heard) == {READY, about_job(second.id)}


def test_the_end_that_comes_with_the_last_byte_lets_the_next_in_too(yard: Yard) -> None:
    first = running(yard)
    second = yard.submit(concurrency=key())
    yard.report(ended(first, log_size=2), fence=first.fence)
    assert told(yard, second) == IN_LINE

    yard.append(yard.chunk(first, 0, b"ok"), fence=first.fence)

    assert told(yard, second) == QUEUED


def test_a_cancel_in_the_queue_lets_the_next_in_and_one_in_line_nobody(yard: Yard) -> None:
    first, second, third = (yard.submit(concurrency=key()) for _ in range(3))

    yard.cancel(second.id)
    assert (told(yard, first), told(yard, third)) == (QUEUED, IN_LINE)
    yard.cancel(first.id)
    assert told(yard, third) == QUEUED


def test_a_running_job_keeps_its_seat_until_its_end_is_seen(yard: Yard) -> None:
    first, second = running(yard), yard.submit(concurrency=key())

    yard.cancel(first.id)
    assert told(yard, second) == IN_LINE
    yard.report(ended(first, ending=Ending.SIGNAL), fence=first.fence)
    assert told(yard, second) == QUEUED


def test_a_job_that_backs_off_keeps_its_seat(yard: Yard) -> None:
    first = running(yard, retry=RetryPolicy(max_attempts=2))
    second = yard.submit(concurrency=key())

    yard.report(ended(first, 1), fence=first.fence)
    assert (told(yard, first), told(yard, second)) == (("pending", "backing_off"), IN_LINE)
    yard.clock.advance(60)
    yard.sweep()
    assert (told(yard, first), told(yard, second)) == (QUEUED, IN_LINE)


def test_a_job_that_is_given_back_or_lost_and_tried_again_keeps_its_seat(yard: Yard) -> None:
    first = yard.assigned(concurrency=key())
    second = yard.submit(concurrency=key())
    yard.report(Voided(first.ref, BOOT), fence=first.fence)
    assert told(yard, first)[0] == "queued"

    [again] = yard.assign()
    assert (lost(yard, again.job).state, told(yard, second)) == ("queued", IN_LINE)


def test_a_loss_that_ends_the_job_lets_the_next_in(yard: Yard) -> None:
    first = running(yard, on_lost=OnLost.FAIL)
    second = yard.submit(concurrency=key())

    assert lost(yard, first).state == "failed"
    assert told(yard, second) == QUEUED


def test_a_job_that_is_given_up_lets_the_next_in(yard: Yard) -> None:
    first, second = running(yard), yard.submit(concurrency=key())

    yard.force_finish.execute(ForceFinishCommand(job_id=first.id, why="its host burnt down"))

    assert (told(yard, first), told(yard, second)) == (("failed", "forced"), QUEUED)


def test_expiry_in_the_queue_and_in_line(yard: Yard) -> None:
    first = yard.submit(concurrency=key(), queue_timeout=5)
    second = yard.submit(concurrency=key(), queue_timeout=9)
    third = yard.submit(concurrency=key())
    yard.clock.advance(6)
    assert yard.assign() == [], "a key is locked before its jobs, so a claim leaves the overdue to the sweep"
    yard.sweep()
    assert (told(yard, first), told(yard, second)) == (("failed", "expired"), QUEUED)

    yard.clock.advance(4)
    yard.sweep()
    assert (told(yard, second), told(yard, third)) == (("failed", "expired"), QUEUED)


def test_who_is_overdue_in_line_ends_there(yard: Yard) -> None:
    running(yard)
    second, third = yard.submit(concurrency=key(), queue_timeout=5), yard.submit(concurrency=key())
    yard.clock.advance(6)

    assert yard.sweep() == 1
    assert (told(yard, second), told(yard, third)) == (("failed", "expired"), IN_LINE)
    assert yard.sweep() == 0


def test_priority_decides_who_is_next(yard: Yard) -> None:
    first = running(yard)
    patient, urgent = (yard.submit(concurrency=key(), priority=priority) for priority in (0, 10))

    yard.report(ended(first), fence=first.fence)

    assert (told(yard, patient), told(yard, urgent)) == (IN_LINE, QUEUED)


def test_who_will_not_wait_is_refused_with_the_holders_named(yard: Yard) -> None:
    holder = yard.submit(concurrency=key())

    with pytest.raises(KeyBusy) as refused:
        yard.submit(concurrency=REJECT)

    assert refused.value.holders == (holder.id,)
    assert str(holder.id) in str(refused.value)
    yard.cancel(holder.id)
    assert yard.submit(concurrency=REJECT).state == "queued"


def test_a_line_is_bounded(yard: Yard) -> None:
    for _ in range(3):
        yard.submit(concurrency=key(max_waiting=2))

    with pytest.raises(KeyLineFull, match="2 jobs wait"):
        yard.submit(concurrency=key(max_waiting=2))


def test_replacing_cancels_what_runs_and_waits_first_in_line(yard: Yard) -> None:
    first = running(yard)
    second = yard.submit(concurrency=key())
    heard: list[str] = []
    yard.rings.listen(about_runner(yard.runner.id), lambda: heard.append("signal"))

    third = yard.submit(concurrency=REPLACE)

    assert yard.get(first.id).cancel_requested
    assert heard == ["signal"]
    assert (told(yard, second), told(yard, third)) == (IN_LINE, IN_LINE)
    yard.report(ended(first, ending=Ending.SIGNAL), fence=first.fence)
    assert (yard.get(first.id).state, told(yard, second), told(yard, third)) == ("cancelled", IN_LINE, QUEUED)


def test_replacing_what_only_waits_for_a_runner_needs_no_waiting(yard: Yard) -> None:
    first = yard.submit(concurrency=key())

    second = yard.submit(concurrency=REPLACE)

    assert (told(yard, first), second.state) == (("cancelled", "cancelled"), "queued")


def test_of_two_seats_the_newest_two_win(yard: Yard) -> None:
    two = key(limit=2, on_conflict=OnConflict.REPLACE_RUNNING)
    jobs = [yard.submit(concurrency=two) for _ in range(5)]

    assert [told(yard, job)[0] for job in jobs] == ["cancelled"] * 3 + ["queued"] * 2


def test_a_higher_limit_lets_the_line_in(yard: Yard) -> None:
    first, second, third = (yard.submit(concurrency=key()) for _ in range(3))

    fourth = yard.submit(concurrency=key(limit=2))

    assert [told(yard, job) for job in (first, second, third, fourth)] == [QUEUED, QUEUED, IN_LINE, IN_LINE]


def test_a_scheduled_job_takes_its_seat_when_its_time_comes(yard: Yard) -> None:
    later = yard.submit(concurrency=key(), not_before=yard.clock.now() + timedelta(seconds=5))
    now = yard.submit(concurrency=key())
    assert (told(yard, later), told(yard, now)) == (("pending", "scheduled"), QUEUED)

    yard.clock.advance(6)
    yard.sweep()
    assert told(yard, later) == IN_LINE
    yard.cancel(now.id)
    assert told(yard, later) == QUEUED


@pytest.mark.parametrize("terms", [{"on_conflict": OnConflict.REJECT}, {"max_waiting": 0}])
def test_a_scheduled_job_that_finds_no_room_when_due_fails_and_says_why(yard: Yard, terms: dict[str, Any]) -> None:
    later = yard.submit(concurrency=key(**terms), not_before=yard.clock.now() + timedelta(seconds=5))
    yard.submit(concurrency=key())

    yard.clock.advance(6)
    yard.sweep()

    failed = yard.get(later.id)
    assert (failed.state, failed.reason) == ("failed", "key_busy")
    assert failed.message
    assert "'k'" in failed.message


def test_a_scheduled_job_may_replace_when_due(yard: Yard) -> None:
    later = yard.submit(concurrency=REPLACE, not_before=yard.clock.now() + timedelta(seconds=5))
    now = running(yard)

    yard.clock.advance(6)
    yard.sweep()

    assert yard.get(now.id).cancel_requested
    yard.report(ended(now, ending=Ending.SIGNAL), fence=now.fence)
    assert told(yard, later) == QUEUED


def test_the_sweep_lets_in_who_was_forgotten(yard: MemoryYard) -> None:
    first, second = yard.submit(concurrency=key()), yard.submit(concurrency=key())
    with yard.store.begin() as work:  # somebody who knows nothing of keys ends the holder
        [job] = work.jobs.lock([first.id])
        work.jobs.save_all([Change(job, job.cancelled(now=yard.clock.now()))])
        work.commit()
    assert told(yard, second) == IN_LINE

    assert yard.sweep() == 1
    assert told(yard, second) == QUEUED


def test_a_takeover_leaves_seats_and_line_as_they_are(yard: Yard) -> None:
    first, second = running(yard), yard.submit(concurrency=key())

    yard.adopt("driver")

    assert (yard.get(first.id).state, told(yard, second)) == ("running", IN_LINE)


def test_keys_do_not_know_each_other_and_jobs_without_one_know_none(yard: Yard) -> None:
    jobs = [yard.submit(concurrency=key(text)) for text in ("a", "b")] + [yard.submit(), yard.submit()]

    assert [job.state for job in jobs] == ["queued"] * 4


def test_what_is_in_the_way_is_explained_for_a_job_in_line_and_for_one_not_submitted(yard: MemoryYard) -> None:
    explain = ExplainJob(yard.store.read)
    spec = a_spec(concurrency=key())
    assert explain.execute(ExplainJobCommand(job=spec)).obstacles == ()
    first, second = yard.submit(concurrency=key()), yard.submit(concurrency=key())

    for asked, place in ((second.id, "number 1 in line"), (spec, "number 2 in line")):
        [obstacle] = explain.execute(ExplainJobCommand(job=asked)).obstacles
        assert obstacle.code == "key_busy"
        assert first.id in obstacle.told
        assert place in obstacle.told


def test_of_a_batch_each_is_answered_for_itself(yard: Yard) -> None:
    specs = [a_spec(concurrency=each) for each in (key(), REJECT, key("b"), key())]

    answers = yard.create_jobs.execute(CreateJobsCommand(submissions=[Submission(spec=spec) for spec in specs]))

    first, refused, other, second = answers
    assert isinstance(refused.refused, KeyBusy)
    assert refused.refused.holders == (first.accepted.job.id,)
    assert [each.accepted.job.state for each in (first, other, second)] == ["queued", "queued", "pending"]
    assert second.accepted.place == PlaceInLine(1, 1, (first.accepted.job.id,))


def test_a_refused_submission_leaves_its_idempotency_key_free(yard: Yard) -> None:
    holder = yard.submit(concurrency=key())
    twice = [Submission(spec=a_spec(concurrency=REJECT), key=SubmissionKey("once", "f"))] * 2
    command = CreateJobsCommand(submissions=twice)

    assert [type(answer.refused) for answer in yard.create_jobs.execute(command)] == [KeyBusy, KeyBusy]
    yard.cancel(holder.id)
    first, again = yard.create_jobs.execute(command)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.accepted.job.id == again.accepted.job.id
