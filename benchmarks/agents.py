"""Agents that wait: what a thousand of them cost a server, and how soon one of them has a job.

RUNYARD_AGENTS=1000 SECONDS=60 JOBS=200 BURST=50 HOUSE=serve|up
"""

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from runyard.domain.runners.agent import WAIT_SECONDS
from runyard.entrypoints.client.client import Client
from tests.integration.installation import Installation
from tests.integration.postgres import running_postgres
from tests.integration.server import Server
from tests.integration.valkey import running_valkey

from .light_agents import LightAgent, Seen

AGENTS: Final = int(os.environ.get("RUNYARD_AGENTS", "1000"))
SECONDS: Final = int(os.environ.get("SECONDS", "60"))
JOBS: Final = int(os.environ.get("JOBS", "200"))
BURST: Final = int(os.environ.get("BURST", "50"))
HOUSE: Final = os.environ.get("HOUSE", "serve")
_TICK: Final = os.sysconf("SC_CLK_TCK")
_IDLE_SECONDS: Final = 20
_AT_ONCE: Final = 10
_UNLIMITED: Final = {
    "RUNYARD_RATE_LIMITS": "false",
    "RUNYARD_AT_ONCE_PER_ADDRESS": "0",
    "RUNYARD_CONNECTIONS_PER_ADDRESS": "5000",
}


@dataclass(frozen=True, slots=True)
class House:
    """A server: where it is, which process it is, and how to speak to it."""

    url: str
    pid: int
    client: Callable[[], Client]


def main() -> None:
    with {"serve": _serving, "up": _up}[HOUSE]() as house, house.client() as client:
        for runner in client.runners.list():
            client.runners.cordon(runner.name)
        before = resident_mib(house.pid)
        idle = cpu_seconds(house.pid)
        time.sleep(_IDLE_SECONDS)
        idle = (cpu_seconds(house.pid) - idle) / _IDLE_SECONDS
        print(f"`{HOUSE}` without agents: {100 * idle:.1f} % of a core, {before:.0f} MiB")
        tokens = [client.runners.add_agent(f"light-{number}")[1].token for number in range(AGENTS)]
        asyncio.run(measured(house, client, tokens, idle=idle, before=before))


async def measured(house: House, client: Client, tokens: Sequence[str], *, idle: float, before: float) -> None:
    url, seen = urlsplit(house.url), Seen()
    agents = [LightAgent(url.hostname or "", url.port or 0, token, seen) for token in tokens]
    for begin in range(0, len(agents), _AT_ONCE):
        some = enumerate(agents[begin : begin + _AT_ONCE], begin)
        await asyncio.gather(*(agent.join(f"light-{number}") for number, agent in some))
    working = [asyncio.create_task(agent.work(random.uniform(0, WAIT_SECONDS))) for agent in agents]
    await asyncio.sleep(2 * WAIT_SECONDS)  # all of them wait, at times that have nothing to do with each other
    begun, at, waits = cpu_seconds(house.pid), time.monotonic(), seen.waits
    await asyncio.sleep(SECONDS)
    took = time.monotonic() - at
    busy = (cpu_seconds(house.pid) - begun) / took
    failed = [task.exception() for task in working if task.done()]
    print(f"{len(agents) - len(failed)} agents wait, {len(failed)} have failed: {failed[:1]}")
    print(f"{100 * (busy - idle):.1f} % of a core over that, for {(seen.waits - waits) / took:.1f} waits a second")
    print(f"{resident_mib(house.pid) - before:.0f} MiB over that")
    seen.claims = 0
    one_by_one = [await started(client, seen) for _ in range(JOBS)]
    print(f"a job is taken {_spread([whole for whole, _ in one_by_one])} after its submission began,")
    print(f"               {_spread([after for _, after in one_by_one])} after it was answered")
    print(f"{seen.claims / JOBS:.2f} claims per submission")
    burst = await asyncio.gather(*(started(client, seen) for _ in range(BURST)))
    print(f"of {BURST} submitted at once: {_spread([after for _, after in burst])} after they were answered")
    for task in working:
        task.cancel()


async def started(client: Client, seen: Seen) -> tuple[float, float]:
    """Seconds from asking for a job, and from the answer, to somebody having it."""
    at = time.monotonic()
    job = (await asyncio.to_thread(client.submit, ["true"])).id
    answered = time.monotonic()
    while job not in seen.taken:
        await asyncio.sleep(0.001)
        if time.monotonic() - at > 30:
            raise RuntimeError("nobody came")
    return seen.taken[job] - at, seen.taken[job] - answered


def cpu_seconds(pid: int) -> float:
    """Of the process and its threads, so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _spread(seconds: Sequence[float]) -> str:
    cuts = quantiles(seconds, n=100)
    return f"{1000 * cuts[49]:.0f} ms (p50), {1000 * cuts[98]:.0f} ms (p99), {1000 * max(seconds):.0f} ms (most)"


@contextmanager
def _up() -> Iterator[House]:
    with TemporaryDirectory() as folder:
        server = Server(Path(folder), "--slots", "1", **_UNLIMITED)
        server.start()
        try:
            yield House(server.address["url"], server.address["pid"], server.client)
        finally:
            server.close()


@contextmanager
def _serving() -> Iterator[House]:
    """One `serve`, and a worker for its sweeps."""
    durable = running_postgres(fsync="on", synchronous_commit="on", full_page_writes="on")
    with TemporaryDirectory() as folder, durable as postgres, running_valkey() as valkey:
        installation = Installation(Path(folder), postgres.url(postgres.create()), valkey.url, **_UNLIMITED)
        installation.migrate()
        try:
            server = installation.serve()
            installation.worker()
            yield House(server.url, server.pid, server.client)
        finally:
            installation.close()
