"""How long a runner is without a driver when the one it had is killed, at the default lease.

`RUNYARD_BENCH_TAKEOVERS` takeovers, `RUNYARD_BENCH_RUNNERS` at a time, each with jobs that run on through all of them.
"""

import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from runyard.domain.runners.runner import DRIVER_LEASE, HEARTBEATS_PER_LEASE
from tests.integration.chaos.takeovers import Takeovers, spread
from tests.integration.installation import Installation, Process
from tests.integration.postgres import PostgresUnavailable, running_postgres
from tests.integration.server import until
from tests.integration.valkey import ValkeyUnavailable, running_valkey

TAKEOVERS: Final = int(os.environ.get("RUNYARD_BENCH_TAKEOVERS", "40"))
RUNNERS: Final = int(os.environ.get("RUNYARD_BENCH_RUNNERS", "4"))
LEASE: Final = float(os.environ.get("RUNYARD_BENCH_LEASE", DRIVER_LEASE.total_seconds()))
_JOBS: Final = 3
_SETTLED_SECONDS: Final = 2.0


def main() -> None:
    try:
        with _installed() as installation:
            took = _measured(installation)
    except (PostgresUnavailable, ValkeyUnavailable) as missing:
        print(f"no takeovers: {missing}")
        return
    print(f"adopted after {spread(took)}; lease {LEASE:g} s, promised within {LEASE + 2:g} s")


@contextmanager
def _installed() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory() as folder, running_postgres() as postgres, running_valkey() as valkey:
        url = postgres.url(postgres.create())
        installation = Installation(Path(folder), url, valkey.url, RUNYARD_DRIVER_LEASE=str(LEASE))
        installation.migrate()
        try:
            yield installation
        finally:
            installation.close()


def _measured(installation: Installation) -> list[float]:
    """The seconds of each takeover; what runs meanwhile runs once."""
    dice, names = random.Random(1), [f"here-{number}" for number in range(RUNNERS)]
    takeovers = Takeovers(installation.environment["RUNYARD_DATABASE_URL"])
    server = installation.serve()
    pairs = {name: [_worker(installation, name) for _ in range(2)] for name in names}
    took: list[float] = []
    try:
        with server.client() as client:
            jobs = [
                client.submit(["sleep", "3600"], placement={"runner": name}) for name in names for _ in range(_JOBS)
            ]
            until(lambda: all(client.get(job.id).state == "running" for job in jobs), seconds=60)
            while len(took) < TAKEOVERS:
                time.sleep(_SETTLED_SECONDS + dice.uniform(0, LEASE / HEARTBEATS_PER_LEASE))
                took += _round(takeovers, list(pairs.values()))
                for name, pair in pairs.items():
                    pair[:] = [worker for worker in pair if worker.runs] + [_worker(installation, name)]
            attempts = {client.get(job.id).attempt for job in jobs}
            client.cancel_many(state="running")
    finally:
        takeovers.close()
    if attempts != {1}:
        print(f"a job that should have run on was started again: attempts {attempts}")
    return took[:TAKEOVERS]


def _round(takeovers: Takeovers, pairs: list[list[Process]]) -> list[float]:
    """Kills every driver; how long each of their runners was without one."""
    begun: dict[str, float] = {}
    for worker in [worker for pair in pairs for worker in pair]:
        driven = takeovers.driven_by(worker.pid)
        if driven is not None:
            begun[driven.runner] = time.monotonic()
            worker.kill()
    until(lambda: all(takeovers.adopted_after(at, runner) for runner, at in begun.items()), seconds=LEASE + 30)
    return [takeovers.adopted_after(at, runner) or 0.0 for runner, at in begun.items()]


def _worker(installation: Installation, name: str) -> Process:
    return installation.worker("--local", "--name", name, "--slots", str(_JOBS))
