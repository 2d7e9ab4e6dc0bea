"""Stories of leases: who goes on for how long without whom."""

from runyard.domain.jobs.limits import OnLost
from runyard.domain.jobs.states import JobState

from .rules import Rules
from .story import story
from .world import World


@story("base_sent", "P2", timings=range(8))
def a_driver_renews_is_stopped_acknowledges_and_is_cut_off(rules: Rules, timing: int) -> None:
    world = World("ssh", "ssh", rules=rules)
    job = world.submit(1000)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    world.tick(20 + timing)
    world.stop()
    world.tick(70)
    world.go_on()
    world.tick(2)
    world.cut(world.job(job).current.runner_id)
    world.tick(400)
    world.end()


@story("renew_first", "P2")
def one_driver_has_the_host_and_the_other_has_the_database(rules: Rules, timing: int) -> None:
    world = World("ssh", "ssh", rules=rules)
    job = world.submit(1000)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    host = world.job(job).current.runner_id
    one = world.driver_of(host)
    world.database.cut_off.add(one)
    world.cut(host, *(set(world.drivers) - {one}))
    world.tick(400)
    world.end()


@story("floor", "P4", timings=range(10))
def the_database_is_away_for_half_a_minute(rules: Rules, timing: int) -> None:
    world = World("ssh", rules=rules)
    world.submit(300)
    world.tick(30 + timing)
    world.database.away = True
    world.tick(30)
    world.end()
    world.judge.no_tree_was_ended()


@story("late_kill", "P2", timings=range(200, 204))
def a_machine_sleeps_past_the_lease_of_its_tree(rules: Rules, timing: int) -> None:
    world = World("ssh", "ssh", rules=rules)
    job = world.submit(1000)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    host = world.hosts[world.job(job).current.runner_id]
    host.frozen = True
    world.tick(timing)
    assert world.job(job).ref.number == 2
    host.frozen = False
    world.end()


@story("lease_only", "P3")
def all_drivers_are_away_for_a_minute(rules: Rules, timing: int) -> None:
    world = World("local", rules=rules)
    job = world.submit(20)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    world.kill()
    world.tick(60)
    world.restart()
    world.end()


@story("sweep_hold", "P3")
def all_servers_are_away_for_an_hour_while_a_job_ends(rules: Rules, timing: int) -> None:
    world = World("ssh", rules=rules)
    world.judge.strict_exits = True
    job = world.submit(60)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    world.kill()
    world.tick(3600)
    world.restart()
    world.end()


@story("armed_counts", "ONCE")
def nobody_sees_a_start_before_the_host_is_cut_off(rules: Rules, timing: int) -> None:
    world = World("ssh", "ssh", rules=rules)
    job = world.submit(30, on_lost=OnLost.FAIL)
    world.until(lambda: world.judge.starts)
    assert world.job(job).state is JobState.CLAIMED
    world.cut(world.job(job).current.runner_id)
    world.tick(300)
    world.end()


@story("give_up", "P4")
def a_cut_off_driver_keeps_the_runner_from_a_connected_one(rules: Rules, timing: int) -> None:
    world = World("ssh", rules=rules)
    job = world.submit(400)
    world.until(lambda: world.job(job).state is JobState.RUNNING)
    world.cut("ssh-0", world.driver_of("ssh-0"))
    world.tick(300)
    world.end()
    world.judge.no_tree_was_ended()
