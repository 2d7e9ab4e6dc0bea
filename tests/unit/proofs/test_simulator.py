"""The real use cases and the real driver, an hour at a time, in bad weather.

Here a few minutes of virtual time; marked `proof` as many hours as fit; `make simulate SEEDS=1000` any number.
"""

import os
import subprocess
import sys

import pytest

from tests.proofs.defences import IN_TIME, without
from tests.proofs.invariants import Broken
from tests.proofs.simulator.simulate import WEATHERS, histories, history, simulate
from tests.proofs.simulator.weather import CALM
from tests.proofs.simulator.world import World

SECONDS = float(os.environ.get("RUNYARD_SIMULATED_SECONDS", "40"))
DIGEST = "from tests.proofs.simulator.simulate import WEATHERS, history\nprint(history(7, WEATHERS['bad'], 300).digest)"


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
    assert digests == {history(7, WEATHERS["bad"], 300).digest + "\n"}
    assert digests != {history(8, WEATHERS["bad"], 300).digest + "\n"}


def test_a_dead_drivers_runner_is_adopted_within_its_lease_and_two_seconds() -> None:
    waits = []
    for seed in range(30):
        world = World(seed, CALM)
        world.pass_time(20 + seed * 0.37)
        waits.append(world.adoption_after_a_death())

    assert max(waits) <= 15 + 2


@pytest.mark.machine
@pytest.mark.proof
@pytest.mark.timeout(600)
def test_nothing_accepted_is_lost_doubled_or_garbled_in_many_hours(capsys: pytest.CaptureFixture[str]) -> None:
    told = simulate(range(1000, 2000), until=SECONDS)
    with capsys.disabled():
        print(f"\n{told}")

    assert told.total["broken"] == 0
    assert told.hours > 1


@pytest.mark.machine
@pytest.mark.proof
@pytest.mark.parametrize("defence", IN_TIME)
def test_the_judge_notices_when_a_defence_is_off(defence: str) -> None:
    with without(defence), pytest.raises(Broken):
        histories(range(20), WEATHERS["bad"], 600)
