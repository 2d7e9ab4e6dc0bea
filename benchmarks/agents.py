"""Agents that wait: what a thousand of them cost a server, and how soon one of them has a job.

Each is a connection that speaks the protocol and runs nothing. RUNYARD_AGENTS=1000 SECONDS=60 JOBS=50
"""

import asyncio
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

from tests.integration.server import Server

AGENTS: Final = int(os.environ.get("RUNYARD_AGENTS", "1000"))
SECONDS: Final = int(os.environ.get("SECONDS", "60"))
JOBS: Final = int(os.environ.get("JOBS", "50"))
_TICK: Final = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Seen:
    """What the agents saw together."""

    claims: int = 0
    taken: dict[str, float] = field(default_factory=dict)


class LightAgent:
    """One connection, kept; the token is all it knows."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._host, self._port, self._token = host, port, token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def says(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        data = json.dumps(body).encode()
        head = (
            f"POST /api/v1/agent/{what} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        writer.write(head.encode() + data)
        answer = await reader.readuntil(b"\r\n\r\n")
        lines = answer.decode().lower().split("\r\n")
        length = int(next(line for line in lines if line.startswith("content-length:")).partition(":")[2])
        said: dict[str, Any] = json.loads(await reader.readexactly(length))
        if " 20" not in lines[0]:
            raise RuntimeError(said)
        return said

    async def rest(self, seconds: float) -> None:
        """Without a connection: the server hangs up on those that are idle."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None
        await asyncio.sleep(seconds)

    async def work(self, number: int, seen: Seen, spread: float) -> None:
        joined = await self.says("register", {})
        self._token = joined["token"]
        epoch = (await self.says("session", {"driver": f"light-{number}"}))["epoch"]
        await self.rest(spread * number)
        while True:
            said = await self.says("sync", {"epoch": epoch, "wait": 55})
            if not said["ready"]:
                continue
            seen.claims += 1
            for taken in (await self.says("sync", {"epoch": epoch, "take": 1, "host": {"boot_id": "b"}}))["taken"]:
                seen.taken[taken["job"]] = time.monotonic()
                told = {name: taken[name] for name in ("job", "attempt", "fence")}
                report = {**told, "kind": "ended", "exit_code": 0, "log_size": 0}
                await self.says("reports", {"reports": [report]})


def cpu_seconds(pid: int) -> float:
    """Of the process and its threads, so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


async def measured(server: Server, pid: int, tokens: list[str]) -> None:
    url, seen = urlsplit(server.address["url"]), Seen()
    before = resident_mib(pid)
    idle = cpu_seconds(pid)
    await asyncio.sleep(10)
    idle = (cpu_seconds(pid) - idle) / 10
    agents = [LightAgent(url.hostname or "", url.port or 0, token) for token in tokens]
    working = [asyncio.create_task(agent.work(number, seen, 55 / len(agents))) for number, agent in enumerate(agents)]
    await asyncio.sleep(60)  # registered, and spread as time spreads them
    begun, at = cpu_seconds(pid), time.monotonic()
    await asyncio.sleep(SECONDS)
    busy = (cpu_seconds(pid) - begun) / (time.monotonic() - at)
    failed = [task.exception() for task in working if task.done()]
    print(f"{len(agents) - len(failed)} agents wait, {len(failed)} have failed: {failed[:1]}")
    print(f"{100 * (busy - idle):.1f} % of a core over the idle {100 * idle:.1f} %")
    print(f"{resident_mib(pid) - before:.0f} MiB over the idle {before:.0f} MiB")
    delays = [await started(server, seen) for _ in range(JOBS)]
    print(f"slowest: {', '.join(f'{1000 * each:.0f}' for each in sorted(delays)[-5:])} ms")
    cuts = quantiles(delays, n=100)
    print(f"a job is taken {1000 * cuts[49]:.0f} ms (p50), {1000 * cuts[98]:.0f} ms (p99) after its submission began")
    print(f"{seen.claims / JOBS:.2f} claims per submission")
    for task in working:
        task.cancel()


async def started(server: Server, seen: Seen) -> float:
    """Seconds from asking for a job to somebody having it."""

    def submit() -> str:
        with server.client() as client:
            return client.submit(["true"]).id

    at = time.monotonic()
    job = await asyncio.to_thread(submit)
    while job not in seen.taken:
        await asyncio.sleep(0.001)
        if time.monotonic() - at > 30:
            raise RuntimeError("nobody came")
    return seen.taken[job] - at


def main() -> None:
    with TemporaryDirectory() as folder:
        unlimited = {"RUNYARD_RATE_LIMITS": "false", "RUNYARD_AT_ONCE_PER_ADDRESS": "0"}
        server = Server(Path(folder), "--slots", "1", RUNYARD_CONNECTIONS_PER_ADDRESS="5000", **unlimited)
        server.start()
        try:
            with server.client() as client:
                client.runners.cordon("local")
                tokens = [client.runners.add_agent(f"light-{number}")[1].token for number in range(AGENTS)]
            asyncio.run(measured(server, server.address["pid"], tokens))
        finally:
            server.close()
