"""Agents that speak the protocol as `runyard agent` does, each over a connection of its own, and run nothing."""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any, Final

from runyard.domain.runners.agent import WAIT_SECONDS

_SHORTEST: Final = 0.8


@dataclass(slots=True)
class Seen:
    """What the agents saw together: how often one of them asked for work, and when they had which job."""

    waits: int = 0
    claims: int = 0
    taken: dict[str, float] = field(default_factory=dict)


class LightAgent:
    """One connection, kept; the token is all it knows."""

    def __init__(self, host: str, port: int, token: str, seen: Seen) -> None:
        self._host, self._port, self._token, self._seen = host, port, token, seen
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._epoch = 0

    async def join(self, name: str) -> None:
        """Register, and open a session."""
        self._token = (await self._says("register", {}))["token"]
        said = await self._says("session", {"driver": name})
        self._epoch, self._pace = said["epoch"], said["pace"]
        await self._hang_up()

    async def work(self, pause: float) -> None:
        """After a pause, in which all of them come apart, wait for work and take it; ask and look as often as told."""
        await asyncio.sleep(pause)
        now = time.monotonic()
        claim_at, look_at = (now + random.uniform(0, self._pace[what]) for what in ("claim", "idle_look"))
        while True:
            wait = WAIT_SECONDS * random.uniform(_SHORTEST, 1)
            said = await self._sync(wait=wait)
            self._seen.waits += 1
            now = time.monotonic()
            if said["ready"] or now >= claim_at:
                claim_at = now + self._pace["claim"]
                self._seen.claims += said["ready"]
                await self._take()
            if said["asked"] or now >= look_at:
                look_at = now + self._pace["idle_look"]
                await self._sync(known=[])

    async def _take(self) -> None:
        for taken in (await self._sync(take=1, host={"boot_id": "b"}))["taken"]:
            self._seen.taken[taken["job"]] = time.monotonic()
            told = {name: taken[name] for name in ("job", "attempt", "fence")}
            report = {**told, "kind": "ended", "exit_code": 0, "log_size": 0}
            await self._says("reports", {"reports": [report]})

    async def _sync(self, **asked: Any) -> dict[str, Any]:
        room = {"memory": random.randrange(1 << 34), "disk": random.randrange(1 << 40)}
        return await self._says("sync", {"epoch": self._epoch, "room": room, **asked})

    async def _says(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        data = json.dumps(body).encode()
        head = (
            f"POST /api/v1/agent/{what} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        writer.write(head.encode() + data)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = int(next(line for line in lines if line.startswith("content-length:")).partition(":")[2])
        said: dict[str, Any] = json.loads(await reader.readexactly(length))
        if " 20" not in lines[0]:
            raise RuntimeError(said)
        return said

    async def _hang_up(self) -> None:
        """The server does so with those that are idle."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None
