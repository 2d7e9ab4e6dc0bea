"""Stories of adoption, collecting and cancelling."""

from runyard.domain.jobs.states import JobState

from .rules import Rules
from .story import story
from .world import World


@story("reconcile", "P6")
def a_claim_is_committed_but_not_answered(rules: Rules, timing: int) -> None:
    world = World("local", rules=rules)
    world.tick(20)
    world.database.unanswered |= set(world.drivers)
    job = world.submit(20)
    world.until(lambda: world.job(job).live)
    world.end()


@story("fence_at_send", "P6")
def an_outcome_is_collected_after_an_adoption(rules: Rules, timing: int) -> None:
    world = World("local", rules=rules)
    job = world.submit(60)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    world.kill(world.driver_of("local-0"))
    world.until(lambda: world.judge.adoptions)
    world.end()


@story("record_first", "P3")
def a_host_restarts_after_an_attempt_has_ended(rules: Rules, timing: int) -> None:
    world = World("local", rules=rules)
    job = world.submit(10)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    world.stop()
    world.tick(30)
    world.hosts["local-0"].reboot()
    world.end()


@story("append_fenced", "P9", timings=range(10))
def a_driver_is_stopped_with_output_in_its_hand(rules: Rules, timing: int) -> None:
    world = World("local", rules=rules)
    job = world.submit(100)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    world.tick(timing)
    one = world.driver_of("local-0")
    world.stop(one)
    world.tick(40)
    world.go_on(one)
    world.end()


@story("offset_commit", "P6", timings=range(10))
def the_database_is_away_while_output_is_collected(rules: Rules, timing: int) -> None:
    world = World("local", rules=rules)
    job = world.submit(60)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    world.tick(timing)
    world.database.away = True
    world.tick(10)
    world.end()


@story("cancel_flag", "P7")
def a_cancelled_attempt_is_lost_with_its_supervisor(rules: Rules, timing: int) -> None:
    world = World("local", rules=rules)
    job = world.submit(100)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    world.cancel(job)
    world.hosts["local-0"].supervised = False
    world.end()
    assert world.job(job).state is JobState.CANCELLED
