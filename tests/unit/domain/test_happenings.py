"""What a change of a job is counted as."""

from collections import Counter
from datetime import timedelta

from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import Replacement, RetryPolicy
from runyard.domain.jobs.states import JobState
from runyard.domain.observability.happenings import Happening, What, happenings
from tests.builders import BOOT, NOON, a_job, a_runner_id, a_spec

FAILED = Outcome(ending=Ending.EXIT, exit_code=1, tree_empty=True, log_size=0)


def claimed(job: Job) -> Job:
    return job.claimed_by(a_runner_id(), now=NOON).armed(BOOT, now=NOON)


def counted(before: Job, after: Job) -> list[Happening]:
    return list(happenings(before, after))


def test_a_claim_a_start_and_an_end_are_each_counted_once():
    queued = a_job()
    given = claimed(queued)
    running = given.started(now=NOON)
    done = running.ended(Outcome(ending=Ending.EXIT, exit_code=0, log_size=0), log_stored=0, now=NOON)

    assert counted(queued, given) == [Happening(What.CLAIMED)]
    assert counted(given, running) == [Happening(What.STARTED)]
    assert counted(running, running.cancelled(now=NOON)) == []
    assert counted(running, done) == [Happening(What.ENDED, ("succeeded", ""))]


def test_what_happened_between_two_saves_is_counted_whole():
    queued = a_job()
    done = claimed(queued).started(now=NOON).ended(FAILED, log_stored=0, now=NOON)

    whats = Counter(each.what for each in counted(queued, done))

    assert whats == Counter({What.CLAIMED: 1, What.STARTED: 1, What.ENDED: 1})


def test_a_retry_is_counted_with_its_cause_and_ends_no_job():
    running = claimed(a_job(a_spec(retry=RetryPolicy(max_attempts=2)))).started(now=NOON)

    assert counted(running, running.ended(FAILED, log_stored=0, now=NOON)) == [Happening(What.RETRIED, ("exit_code",))]


def test_losses_adoptions_and_what_is_given_back_are_told_apart():
    given = claimed(a_job())

    assert counted(given, given.adopted()) == [Happening(What.ADOPTED)]
    assert counted(given, given.lost(now=NOON, why="gone")) == [Happening(What.LOST)]
    assert counted(given, given.released(now=NOON, void_boot_id=BOOT)) == [Happening(What.RELEASED)]


def test_an_end_without_an_attempt_is_counted_with_its_reason():
    queued = a_job(a_spec(queue_timeout=1.0))

    late = queued.woken(now=NOON + timedelta(seconds=2))

    assert counted(queued, late) == [Happening(What.ENDED, (JobState.FAILED.value, "expired"))]
    assert counted(late, late) == []


def test_an_attempt_out_of_reach_is_counted_once_and_its_end_as_what_it_is():
    job = a_job(a_spec(replace=Replacement.AFTER_CONFIRMED_END))
    given = job.claimed_by(a_runner_id(), now=NOON, lease=60).armed(BOOT, now=NOON)
    away = given.lapsed(now=NOON + timedelta(minutes=2))
    killed = Outcome(ending=Ending.DEADMAN, tree_empty=True, log_size=0)

    assert counted(given, away) == [Happening(What.UNREACHABLE)]
    assert counted(away, away.adopted()) == [Happening(What.ADOPTED)]
    assert counted(away, away.ended(killed, log_stored=0, now=NOON)) == [Happening(What.LOST)]
