"""Redis is away: nothing is refused, and what rings would have said is found by looking. `RUNYARD_AWAY=60` is B40."""

import os
import time
from functools import partial

import pytest

from runyard.entrypoints.client.client import Client
from tests.integration.installation import Installation
from tests.integration.server import until
from tests.integration.valkey import ValkeyServer

pytestmark = pytest.mark.chaos

AWAY = float(os.environ.get("RUNYARD_AWAY", "8"))


def test_f34_without_redis_every_submission_is_accepted_and_soon_claimed(
    installation: Installation, valkey: ValkeyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server = installation.serve()
    installation.worker("--local", "--slots", "8")
    waits = []
    with server.client() as client:
        client.wait(client.submit(["true"]), timeout=20)
        valkey.stop()
        try:
            end = time.monotonic() + AWAY
            while time.monotonic() < end:
                begun = time.monotonic()
                job = client.submit(["true"])
                until(partial(_claimed, client, job.id), seconds=10)
                waits.append(time.monotonic() - begun)
        finally:
            valkey.start()
        jobs = list(client.list())
        for each in jobs:
            assert client.wait(each, timeout=20).state == "succeeded"

    waits.sort()
    with capsys.disabled():
        p99 = waits[int(len(waits) * 0.99)]
        print(f"\n{len(waits)} submissions without Redis: none refused, claimed p99 after {p99:.2f} s")
    assert len(jobs) == len(waits) + 1
    assert waits[len(waits) // 2] < 3


def _claimed(client: Client, job_id: str) -> bool:
    return client.get(job_id).attempt is not None
