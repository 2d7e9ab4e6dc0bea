"""Many seeds of faults, and two absences that must cost nothing.

Here a slice of a few seconds; with the marker `machine` the long one; `python -m tests.unit.model.simulate` any number.
"""

import pytest

from runyard.domain.jobs.states import JobState

from .chaos import AROUND_STARTS, EVERYTHING, Chaos
from .world import World

KINDS = [("local",), ("ssh", "ssh"), ("local", "ssh")]
MIXES = [EVERYTHING, AROUND_STARTS]


@pytest.mark.parametrize("kinds", KINDS, ids="+".join)
@pytest.mark.parametrize("mix", MIXES, ids=["everything", "around starts"])
def test_no_promise_breaks_whatever_fails(kinds, mix):
    for seed in range(8):
        Chaos(*kinds, seed=seed, mix=mix).run()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kinds", KINDS, ids="+".join)
@pytest.mark.parametrize("mix", MIXES, ids=["everything", "around starts"])
def test_no_promise_breaks_in_many_runs(kinds, mix):
    for seed in range(1000, 1080):
        Chaos(*kinds, seed=seed, mix=mix).run()


@pytest.mark.parametrize("kind", ["local", "ssh"])
def test_jobs_survive_an_hour_without_any_server_or_database(kind):
    for offset in range(6):
        world = World(kind)
        jobs = [world.submit(duration, duration % 2) for duration in (30, 75)]
        world.until(lambda: all(world.job(job).state is JobState.RUNNING for job in jobs))  # noqa: B023 - called at once
        world.tick(offset)
        world.kill()
        world.database.away = True
        world.tick(3600)
        world.end()

        assert [world.job(job).ref.number for job in jobs] == [1, 1]
        assert [world.job(job).state for job in jobs] == [JobState.SUCCEEDED, JobState.FAILED]
        assert all(world.job(job).current.log_complete for job in jobs)


def no_database(world: World) -> None:
    world.database.away = True
    world.tick(30)
    world.database.away = False


def no_driver(world: World) -> None:
    world.stop()
    world.tick(75)
    world.go_on()


def one_driver_cut_off(world: World) -> None:
    world.cut("ssh-0", world.driver_of("ssh-0"))
    world.tick(200)
    world.network.cuts.clear()


@pytest.mark.parametrize("fault", [no_database, no_driver, one_driver_cut_off])
def test_a_small_fault_ends_no_tree(fault):
    for offset in range(20):
        world = World("ssh")
        world.submit(500)
        world.tick(20 + offset)
        fault(world)
        world.end()
        world.judge.no_tree_was_ended()
