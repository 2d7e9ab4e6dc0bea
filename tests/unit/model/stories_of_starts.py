"""Stories of starts: doubled, late, forgotten."""

from runyard.domain.jobs.limits import OnLost
from runyard.domain.jobs.states import JobState

from .messages import Letter, Start
from .rules import Rules
from .story import story
from .world import World


def starts_under_way(world: World) -> list[Letter]:
    return [letter for letter in world.network.on_the_way if isinstance(letter.message, Start)]


@story("excl", "P1")
def the_network_doubles_a_start(rules: Rules, timing: int) -> None:
    world = World("local", rules=rules)
    world.network.doubling = Start
    world.submit(20)
    world.tick(30)
    world.end()


@story("arm", "P2", timings=range(24))
def a_driver_is_stopped_before_it_starts_and_another_gives_its_claim_back(rules: Rules, timing: int) -> None:
    world = World("ssh", "ssh", rules=rules)
    job = world.submit(200)
    world.until(lambda: world.job(job).live)
    world.tick(timing % 4)
    claimant = world.driver_of(world.job(job).current.runner_id)
    world.stop(claimant)
    world.tick(25 + timing)
    world.go_on(claimant)
    world.end()


@story("window", "P2", timings=range(30, 60))
def a_start_is_late_for_its_attempt_that_was_voided_and_forgotten(rules: Rules, timing: int) -> None:
    world = World("ssh", "ssh", rules=rules)
    job = world.submit(200)
    world.network.holding = Start
    world.until(lambda: world.network.held)
    world.network.holding = None
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    world.tick(timing)
    world.network.let_go()
    world.end()


@story("void", "P2", timings=range(25))
def a_host_says_absent_while_the_start_is_on_its_way(rules: Rules, timing: int) -> None:
    world = World("ssh", "ssh", rules=rules)
    world.submit(200)
    world.network.holding = Start
    world.until(lambda: world.network.held)
    world.network.holding = None
    world.tick(timing)
    world.network.let_go()
    world.end()


@story("purge_wait", "P1", timings=range(10, 25))
def a_doubled_start_comes_after_the_attempt_was_forgotten(rules: Rules, timing: int) -> None:
    world = World("local", rules=rules)
    job = world.submit(2)
    world.until(lambda: starts_under_way(world))
    world.network.held = starts_under_way(world)
    world.until(lambda: world.job(job).finished)
    world.tick(timing - 10)
    world.network.let_go()
    world.end()
    world.tick(5)


@story("boot_of_arm", "ONCE")
def a_power_loss_forgets_an_owner_record(rules: Rules, timing: int) -> None:
    world = World("local", rules=rules)
    job = world.submit(60, on_lost=OnLost.FAIL)
    world.until(lambda: world.judge.starts)
    world.stop()
    assert world.job(job).state is JobState.CLAIMED
    world.hosts["local-0"].lose_disk()
    world.tick(5)
    world.end()
