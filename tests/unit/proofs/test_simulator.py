"""The real use cases and the real driver, an hour at a time, in bad weather.

Here a few minutes of virtual time; `test_many_hours` takes as many hours as fit; `make simulate SEEDS=1000` any number.
"""

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from runyard.domain.jobs.lanes import ANYWHERE
from tests.proofs.defences import IN_TIME, WHILE_ALONE, without
from tests.proofs.invariants import Broken
from tests.proofs.simulator.simulate import WEATHERS, histories, history
from tests.proofs.simulator.weather import AROUND_STARTS, BAD, CALM
from tests.proofs.simulator.world import World

PLAIN: dict[str, Any] = {
    "command": ("work", "2", "0", "0"),
    "priority": 0,
    "project": "default",
    "queue": "default",
    "placement": ANYWHERE,
    "concurrency": None,
    "queue_timeout": None,
    "total_timeout": None,
}
SILENT = replace(CALM, ring_lost=1.0, trouble_each=1e9)
NOTICED_IN = {"drivers claim though nobody rings": SILENT, "a start is in time for its hello": AROUND_STARTS}
DIGEST = "from tests.proofs.simulator.simulate import WEATHERS, history\nprint(history(7, WEATHERS['bad'], 120).digest)"


@pytest.mark.parametrize("weather", WEATHERS)
def test_f36_f37_nothing_accepted_is_lost_doubled_or_garbled_whatever_fails(weather: str) -> None:
    history(1, WEATHERS[weather], 600)


def test_one_seed_is_one_history_in_any_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2")
    }

    assert len(digests) == 1
    assert digests == {history(7, WEATHERS["bad"], 120).digest + "\n"}
    assert digests != {history(8, WEATHERS["bad"], 120).digest + "\n"}


def test_a_dead_drivers_runner_is_adopted_within_its_lease_and_two_seconds() -> None:
    waits = []
    for seed in range(30):
        world = World(seed, CALM)
        world.pass_time(20 + seed * 0.37)
        waits.append(world.adoption_after_a_death())

    assert max(waits) <= 15 + 2


def test_whoever_asks_for_little_does_not_wait_for_who_asked_for_much() -> None:
    assert max(waits_of_a_newcomer(seed) for seed in range(3)) < 12


def test_without_turns_the_newcomer_would_wait_for_all_that_came_before() -> None:
    with without("owners take turns"):
        assert waits_of_a_newcomer(0) > 30


def waits_of_a_newcomer(seed: int) -> float:
    """How long the last of four jobs waits that come when another owner has 120 in the queue, for four slots."""
    world = World(seed, CALM)
    world.pass_time(5)
    for number in range(120):
        world.callers.submit(f"ann-{number}", **PLAIN, owner="ann")
    world.pass_time(5)
    for number in range(4):
        world.callers.submit(f"bob-{number}", **PLAIN, owner="bob")
    world.pass_time(80)
    state = world.store._published
    jobs = [job for job in state.jobs.values() if state.specs[job.id].owner == "bob"]
    assert len(jobs) == 4
    return max((job.current.claimed_at - job.created_at).total_seconds() for job in jobs)


@pytest.mark.machine
@pytest.mark.proof
@pytest.mark.parametrize("defence", IN_TIME)
def test_the_judge_notices_when_a_defence_is_off(defence: str) -> None:
    with without(defence), pytest.raises(Broken):
        histories(range(40), NOTICED_IN.get(defence, BAD), 600)


@pytest.mark.machine
@pytest.mark.proof
@pytest.mark.parametrize("defence", WHILE_ALONE)
def test_the_judge_notices_when_a_defence_of_leases_is_off(defence: str) -> None:
    with without(defence), pytest.raises(Broken):
        histories(range(20, 60), WEATHERS["alone"], 1200)
