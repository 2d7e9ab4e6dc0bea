"""B15: somebody with ten jobs does not wait for somebody with many. `RUNYARD_QUEUED=100000` is the whole of it."""

import os
import random
import time

import pytest

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.fields import JobRequest
from tests.integration.chaos.takeovers import spread
from tests.integration.installation import Installation

pytestmark = pytest.mark.servers

QUEUED = int(os.environ.get("RUNYARD_QUEUED", "3000"))
BOUND = 2.0


@pytest.mark.timeout(60 + QUEUED / 200)
def test_ten_jobs_of_one_owner_are_claimed_at_once_beside_the_many_of_another(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(1)  # noqa: S311 - repeatable
    server = installation.serve()
    installation.worker("--local", "--slots", "8")
    with server.client() as client:
        many: list[JobRequest] = [{"command": ["sleep", "0.1"], "owner": "ada"}] * QUEUED
        assert all(each.id for each in client.submit_many(many))
        before = _waiting(client)
        few = []
        for _ in range(10):
            few.append(client.submit(["true"], owner="bob"))
            time.sleep(dice.uniform(0, 0.5))
        waits = []
        for job in few:
            assert client.wait(job, timeout=20).state == "succeeded"
            (attempt,) = client.attempts(job)
            assert attempt.claimed_at is not None
            waits.append((attempt.claimed_at - job.created_at).total_seconds())
        left = _waiting(client)

    with capsys.disabled():
        print(
            f"\nof {QUEUED} jobs {before} waited, then {left}: ten of another owner were claimed after {spread(waits)}"
        )
    assert max(waits) < BOUND
    assert 0 < left < before


def _waiting(client: Client) -> int:
    return sum(queue.waiting for queue in client.queues.list())
