from runyard.application.ports.executor import Broken, Reported, Started, Voided
from runyard.application.ports.rings import READY, about_job
from runyard.domain.jobs.attempt import Ending, Progress
from runyard.domain.jobs.errors import StaleAttempt
from runyard.domain.jobs.limits import Backoff, OnLost, RetryPolicy
from tests.builders import BOOT
from tests.unit.application.yard import MemoryYard, ended


def test_a_job_that_exits_with_zero_succeeds(yard: MemoryYard) -> None:
    job = yard.assigned()

    yard.report(Started(job.ref, "cgroup2"), ended(job), fence=job.fence)

    done = yard.get(job.id)
    assert (done.state, done.reason, done.current.containment) == ("succeeded", None, "cgroup2")


def test_a_report_under_an_old_fence_changes_nothing(yard: MemoryYard) -> None:
    job = yard.assigned()
    yard.adopt("driver")

    (answer,) = yard.report(ended(job), fence=job.fence)

    assert isinstance(answer.refused, StaleAttempt)
    assert yard.get(job.id).state == "claimed"
    (counted,) = yard.report(ended(job), fence=job.fence + 1)
    assert counted.refused is None


def test_only_a_job_that_is_queued_again_rings_for_the_next_claim(yard: MemoryYard) -> None:
    """Whose slot became free knows it, and nobody else has one for that."""
    over, again = (yard.assigned(), yard.assigned())
    heard: list[str] = []
    yard.rings.listen(READY, lambda: heard.append("ready"))
    yard.rings.listen(about_job(over.id), lambda: heard.append("job"))

    yard.report(Started(over.ref, "cgroup2"), Reported(over.ref, Progress(percent=1)), fence=over.fence)
    yard.report(ended(over, 1), fence=over.fence)
    assert heard == ["job", "job"]

    yard.report(Voided(again.ref, BOOT), fence=again.fence)
    assert heard == ["job", "job", "ready"]


def test_one_refused_fact_does_not_hold_up_the_others(yard: MemoryYard) -> None:
    yard.submit()
    yard.submit()
    one, two = (item.job for item in yard.assign())

    answers = yard.report(ended(one), ended(one, 1), ended(two, 3), fence=1)

    assert [answer.refused is None for answer in answers] == [True, False, True]
    assert (yard.get(one.id).state, yard.get(two.id).reason) == ("succeeded", "exit_code")


def test_a_failed_try_backs_off_and_is_tried_again(yard: MemoryYard) -> None:
    job = yard.assigned(retry=RetryPolicy(max_attempts=2, backoff=Backoff(initial=4)))
    yard.report(ended(job, 1), fence=job.fence)
    assert (yard.get(job.id).state, yard.get(job.id).reason) == ("pending", "backing_off")

    yard.clock.advance(4)
    yard.control_tasks.run_due()
    (again,) = yard.assign()
    yard.report(ended(again.job, 1), fence=again.job.fence)

    assert again.job.ref.number == 2
    assert yard.get(job.id).state == "failed"


def test_a_cause_the_policy_does_not_name_is_final(yard: MemoryYard) -> None:
    job = yard.assigned(retry=RetryPolicy(max_attempts=2, on=frozenset()))

    yard.report(ended(job, 143, ending=Ending.TIMEOUT), fence=job.fence)

    assert (yard.get(job.id).state, yard.get(job.id).reason) == ("failed", "timeout")


def test_a_voided_attempt_is_given_back_free_of_charge(yard: MemoryYard) -> None:
    job = yard.assigned(on_lost=OnLost.FAIL)

    yard.report(Voided(job.ref, BOOT), fence=job.fence)

    again = yard.get(job.id)
    assert (again.state, again.crashes, again.failures) == ("queued", 0, 0)


def test_a_void_from_another_boot_is_a_loss(yard: MemoryYard) -> None:
    job = yard.assigned(on_lost=OnLost.FAIL)

    yard.report(Voided(job.ref, "another boot"), fence=job.fence)

    assert (yard.get(job.id).state, yard.get(job.id).reason) == ("failed", "lost")


def test_the_third_loss_is_the_last(yard: MemoryYard) -> None:
    job = yard.assigned()
    for loss in range(3):
        if loss:
            ((job),) = (item.job for item in yard.assign())
        yard.report(Broken(job.ref, "the supervisor died", None), fence=job.fence)

    lost = yard.get(job.id)
    assert (lost.state, lost.reason, lost.crashes) == ("failed", "crash_limit", 3)


def test_progress_and_result_stay_with_the_attempt(yard: MemoryYard) -> None:
    job = yard.assigned()

    yard.report(
        Started(job.ref, "group"),
        Reported(job.ref, Progress(percent=40.0, message="on the way")),
        Reported(job.ref, None, '{"files": 3}'),
        fence=job.fence,
    )

    attempt = yard.get(job.id).current
    assert attempt.progress == Progress(percent=40.0, message="on the way")
    assert attempt.result == '{"files": 3}'


def test_an_end_without_all_its_output_waits_for_the_rest(yard: MemoryYard) -> None:
    job = yard.assigned()
    yard.report(ended(job, 0, log_size=5), fence=job.fence)
    assert yard.get(job.id).state == "finishing"

    yard.append(yard.chunk(job, 0, b"abcde"), fence=job.fence)

    assert yard.get(job.id).state == "succeeded"
