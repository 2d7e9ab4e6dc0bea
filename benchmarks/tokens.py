"""Whether the time of a refusal tells what was wrong with a token: an unknown id, another secret, or it was revoked.

`RUNYARD_BENCH_SAMPLES` (20,000 unless set) of each, in random order, over one connection to a real server; server and
caller have a core each where there are two. Welch's t of each pair, of all samples and of those below the 90th
percentile of all; a t beyond 4.5 would tell them apart.
"""

import os
import random
import socket
import sys
import tempfile
from collections.abc import Callable
from itertools import combinations
from math import sqrt
from pathlib import Path
from statistics import fmean, median, variance
from time import perf_counter_ns
from typing import Final

from runyard.adapters.system.tokens import RandomTokens
from runyard.domain.accounts.tokens import TokenText, parsed
from tests.integration.server import Server

SAMPLES: Final = int(os.environ.get("RUNYARD_BENCH_SAMPLES", "20000"))
TELLS: Final = 4.5
_KEPT: Final = 0.9

Times = dict[str, list[int]]


def main() -> None:
    seed = int(os.environ.get("RUNYARD_BENCH_SEED", "1"))
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), "--slots", "1", RUNYARD_RATE_LIMITS="false", RUNYARD_LOG_LEVEL="error")
        try:
            server.start()
            times = measured(server, random.Random(seed))
        finally:
            server.close()
    for name, taken in times.items():
        print(f"{name:<13} median {median(taken) / 1000:8.1f} us   mean {fmean(taken) / 1000:8.1f} us")
    worst = max(tell(times), tell(below(times)))
    print(f"the largest |t| is {worst:.2f}: {'they can be told apart' if worst >= TELLS else 'nothing is told'}")
    if worst >= TELLS:
        sys.exit(1)


def measured(server: Server, chance: random.Random) -> Times:
    with server.client() as client:
        client.accounts.create("somebody")
        good, gone = (client.tokens.create(account="somebody") for _ in range(2))
        client.tokens.revoke(gone.id)
    texts = RandomTokens()
    known, revoked = parsed(str(good.text)), str(gone.text)
    if known is None:
        raise ValueError("what a server calls a token is none")
    presented: dict[str, Callable[[], str]] = {
        "unknown id": lambda: texts.made().revealed,
        "wrong secret": lambda: TokenText(known.id, texts.made().secret).revealed,
        "revoked": lambda: revoked,
    }
    apart(server)
    order = [*presented] * SAMPLES
    chance.shuffle(order)
    host, _, port = server.address["url"].removeprefix("http://").rpartition(":")
    times: Times = {name: [] for name in presented}
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(500):  # until everything is warm
            refused(connection, revoked)
        # made beforehand: while we make one the server falls asleep, and waking it takes longer than what is measured
        for name, token in [(name, presented[name]()) for name in order]:
            times[name].append(refused(connection, token))
    return times


def refused(connection: socket.socket, token: str) -> int:
    """How many nanoseconds the refusal took."""
    asked = f"GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    begun = perf_counter_ns()
    connection.sendall(asked)
    answer = connection.recv(65536)
    taken = perf_counter_ns() - begun
    if not answer.startswith(b"HTTP/1.1 401 "):
        raise ValueError(answer[:80])
    while not answer.endswith(b"}"):
        answer += connection.recv(65536)
    return taken


def apart(server: Server) -> None:
    """The server and we have a core each."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1 and server.process is not None:
        for task in Path(f"/proc/{server.process.pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {cores[1]})
        os.sched_setaffinity(0, {cores[0]})


def below(times: Times) -> Times:
    """Without what took longest: there the machine was busy with something else."""
    everything = sorted(each for taken in times.values() for each in taken)
    limit = everything[int(len(everything) * _KEPT)]
    return {name: [each for each in taken if each <= limit] for name, taken in times.items()}


def tell(times: Times) -> float:
    """The largest |t| of any pair."""
    found = {pair: welch(times[pair[0]], times[pair[1]]) for pair in combinations(times, 2)}
    for (one, other), t in found.items():
        print(f"{one:<13} {other:<13} t {t:7.2f}   of {min(len(times[one]), len(times[other])):,} samples")
    return max(map(abs, found.values()))


def welch(one: list[int], other: list[int]) -> float:
    spread = sqrt(variance(one) / len(one) + variance(other) / len(other))
    return (fmean(one) - fmean(other)) / spread
