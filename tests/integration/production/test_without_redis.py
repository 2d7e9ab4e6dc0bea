"""Redis is away: nothing is refused, and what rings would have said is found by looking. `RUNYARD_AWAY=60` is B40."""

import os
import random
import time
from collections.abc import Sequence

import pytest

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.jobs import Job
from tests.integration.chaos.takeovers import spread
from tests.integration.installation import Installation
from tests.integration.valkey import ValkeyServer

pytestmark = pytest.mark.chaos

AWAY = float(os.environ.get("RUNYARD_AWAY", "8"))
BOUND = 1.5


@pytest.mark.timeout(240 + 3 * AWAY)
def test_f34_without_redis_every_submission_is_accepted_and_soon_claimed(
    installation: Installation, valkey: ValkeyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(1)  # noqa: S311 - repeatable
    server = installation.serve()
    installation.worker("--local", "--slots", "8")
    jobs, answered = [], []
    with server.client() as client:
        usual = max(_waits(client, [client.wait(client.submit(["true"])) for _ in range(5)]))
        valkey.stop()
        try:
            end = time.monotonic() + AWAY
            while time.monotonic() < end:
                begun = time.monotonic()
                jobs.append(client.submit(["sleep", "0.1"]))
                answered.append(time.monotonic() - begun)
                time.sleep(dice.uniform(0.02, 0.4))  # often beside something else that wakes the driver, often not
        finally:
            valkey.start()
        waits = _waits(client, jobs)

    with capsys.disabled():
        print(f"\nwithout Redis for {AWAY:g} s: claimed after {spread(waits)}; answered after {spread(answered)}")
    assert sorted(waits)[int(len(waits) * 0.99)] < BOUND + usual, f"{usual:.2f} s it takes here with Redis"


def _waits(client: Client, jobs: Sequence[Job]) -> list[float]:
    """After how many seconds each was claimed."""
    waits = []
    for job in jobs:
        assert client.wait(job, timeout=60).state == "succeeded"
        (attempt,) = client.attempts(job)
        assert attempt.claimed_at is not None
        waits.append((attempt.claimed_at - job.created_at).total_seconds())
    return waits
