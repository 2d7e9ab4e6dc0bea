"""B15: somebody with ten jobs does not wait for somebody with many. `RUNYARD_QUEUED=100000` is the whole of it."""

import os
import random
import time
from datetime import datetime

import pytest
from sqlalchemy import create_engine, text

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.fields import JobRequest
from tests.integration.chaos.takeovers import spread
from tests.integration.installation import Installation

pytestmark = pytest.mark.servers

QUEUED = int(os.environ.get("RUNYARD_QUEUED", "3000"))
SLOTS = 8
BOUND = 2.0
_CLAIMED = text("select count(*) from attempt where claimed_at > :since and claimed_at < :until")


@pytest.mark.timeout(240 + QUEUED / 200)
def test_ten_jobs_of_one_owner_are_claimed_at_once_beside_the_many_of_another(
    installation: Installation, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(1)  # noqa: S311 - repeatable
    server = installation.serve()
    installation.worker("--local", "--slots", str(SLOTS))
    with server.client() as client:
        many: list[JobRequest] = [{"command": ["sleep", "0.1"], "owner": "ada"}] * QUEUED
        assert all(each.id for each in client.submit_many(many))
        before = _waiting(client)
        few = []
        for _ in range(10):
            few.append(client.submit(["true"], owner="bob"))
            time.sleep(dice.uniform(0, 0.5))
        waited = []
        for job in few:
            assert client.wait(job, timeout=60).state == "succeeded"
            (attempt,) = client.attempts(job)
            assert attempt.claimed_at is not None
            waited.append((job.created_at, attempt.claimed_at))
        left = _waiting(client)

    overtook = [_claimed_meanwhile(postgres_url, *each) for each in waited]
    waits = [(until - since).total_seconds() for since, until in waited]
    with capsys.disabled():
        print(f"\n{before} of {QUEUED} jobs waited, then {left}; ten of another owner: claimed after {spread(waits)}")
        print(f"so many were claimed while each of the ten waited: {overtook}")
    assert 0 < left < before
    assert max(waits) < BOUND or max(overtook) <= 2 * SLOTS, "it was slow, and not because all is slow here"


def _waiting(client: Client) -> int:
    return sum(queue.waiting for queue in client.queues.list())


def _claimed_meanwhile(url: str, since: datetime, until: datetime) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        many = int(connection.execute(_CLAIMED, {"since": since, "until": until}).scalar_one())
    engine.dispose()
    return many
