"""Connections that break: what runs goes on, what was written is kept, and silence is noticed."""

import hashlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest

from runyard.adapters.supervised.ssh.way import ssh_executor
from runyard.application.ports.executor import Ended, HostUnreachable, Output, StartOrder
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.runners.ids import RunnerId
from tests.contracts.hosts import Line, a_ref
from tests.integration.networks import NetworkUnavailable
from tests.integration.server import until

from .conftest import MakeHost
from .far_yard import FarYard
from .full import sized
from .networks import far_away
from .sshd import Account, Sshd, SshdUnavailable

SECONDS = 15
PAUSE = sized(0.2, 2.0)  # between two pieces of sixteen: three seconds, or half a minute


@pytest.fixture(scope="module")
def far_yard(host: Sshd) -> Iterator[FarYard]:
    yard = FarYard(host)
    yield yard
    yard.close()


def written(seed: int, size: int) -> bytes:
    """What the job of this seed writes, in sixteen pieces."""
    return hashlib.shake_256(str(seed).encode()).digest(size)


def writer(seed: int, size: int, gate: Path = Path("/")) -> tuple[str, ...]:
    """It writes its second half once the gate is there."""
    text = (
        "import hashlib,os,sys,time; "
        f"data = hashlib.shake_256(b'{seed}').digest({size}); "
        f"[(sys.stdout.buffer.write(data[n:n+{size // 16}]), sys.stdout.flush(), time.sleep({PAUSE}), "
        f"[time.sleep(0.1) for _ in iter(lambda: n != {size // 2} or os.path.exists({str(gate)!r}), True)]) "
        f"for n in range(0, {size}, {size // 16})]"
    )
    return ("python3", "-c", text)


def listen(line: Line, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        line.listen(0.2)


@dataclass
class Kept:
    """What came of one job: how much, and what it was."""

    size: int = 0
    hash: Any = field(default_factory=hashlib.sha256)

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self.hash.update(data)


class Collector:
    """As a driver does it: acknowledges what it keeps, and after a loss connects and reads on from there."""

    def __init__(self, yard: FarYard) -> None:
        self._yard = yard
        self.line = Line(yard.another())
        self.kept: dict[AttemptRef, Kept] = {}
        self.losses = 0

    def collect(self, orders: list[StartOrder], until: float) -> None:
        refs = {order.ref for order in orders}
        ended: set[AttemptRef] = set()
        while ended != refs:
            assert time.monotonic() < until, f"only {len(ended)} of {len(refs)} ended"
            try:
                self._step(ended)
            except HostUnreachable:
                self.losses += 1
                self.again(refs - ended)

    def _step(self, ended: set[AttemptRef]) -> None:
        self.line.heard.clear()
        self.line.listen(0.2)
        for ref in {event.ref for event in self.line.heard}:
            kept = self.kept.setdefault(ref, Kept())
            for output in self.line.told(ref, Output):
                assert output.chunk.offset == kept.size, "a gap, or the same again"
                kept.add(b"".join(record.data for record in output.chunk.records))
            done = self.line.told(ref, Ended)
            if done:
                assert done[-1].outcome.exit_code == 0
                ended.add(ref)
            self.line.acknowledge(ref, kept.size)

    def again(self, refs: set[AttemptRef]) -> None:
        for _ in range(200):
            self.line.host.close()
            try:
                for ref in refs:
                    self.line.resume(ref, self.kept[ref].size if ref in self.kept else 0)
            except HostUnreachable:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the host did not come back")


@pytest.mark.timeout(sized(300, 600))
def test_f42_connections_cut_again_and_again_cost_no_byte_and_no_start(
    far_yard: FarYard, host: Sshd, ground: Path
) -> None:
    """Twenty jobs that write a megabyte each, the connection cut every 0.7 s; or two hundred that write up to ten."""
    collector = Collector(far_yard)
    sizes = [sized(1 << 20, (1 + seed % 10) << 20) for seed in range(sized(20, 200))]
    gate = ground / f"gate-{uuid4()}"
    orders = [StartOrder(ref=a_ref(), command=writer(seed, size, gate)) for seed, size in enumerate(sizes)]
    collector.line.start(*orders)
    done = Event()

    def cutting() -> None:
        for number in range(sized(5, 1000)):
            if done.wait(sized(0.7, random.uniform(2, 5))):  # noqa: S311 - guards nothing
                return
            host.cut()
            until(lambda: collector.losses > number or done.is_set())  # noqa: B023 - called at once
            if collector.losses >= sized(3, 5):
                gate.touch()

    thread = Thread(target=cutting)
    thread.start()
    try:
        collector.collect(orders, until=time.monotonic() + sized(200, 500))
    finally:
        done.set()
        thread.join()

    assert collector.losses >= sized(3, 5)
    wrong = [
        seed
        for seed, (order, size) in enumerate(zip(orders, sizes, strict=True))
        if collector.kept[order.ref].hash.digest() != hashlib.sha256(written(seed, size)).digest()
    ]
    assert wrong == []
    collector.line.host.close()


def test_f44_a_server_that_is_killed_and_started_again_is_found_again(make_host: MakeHost) -> None:
    sshd = make_host()
    yard = FarYard(sshd)
    collector = Collector(yard)
    orders = [StartOrder(ref=a_ref(), command=writer(7, 1 << 16))]
    collector.line.start(*orders)
    sshd.stop()
    sshd.cut()
    with pytest.raises(HostUnreachable):
        listen(collector.line, 10)
    sshd.start()
    collector.line.heard.clear()
    collector.again({orders[0].ref})
    collector.collect(orders, until=time.monotonic() + 30)

    assert collector.kept[orders[0].ref].hash.digest() == hashlib.sha256(written(7, 1 << 16)).digest()
    yard.close()


def test_f43_a_server_that_stands_still_is_noticed_within_fifteen_seconds(make_host: MakeHost) -> None:
    """The host's TCP still acknowledges; only nothing is answered any more."""
    sshd = make_host()
    yard = FarYard(sshd)
    line = Line(yard.another())
    ref = line.run(("/bin/sh", "-c", "echo up; sleep 20; echo done"))
    line.until(lambda: line.printed(ref))
    stopped = sshd.sessions()
    assert stopped
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    with pytest.raises(HostUnreachable):
        listen(line, SECONDS)
    noticed = time.monotonic() - begun
    for pid in stopped:
        os.kill(pid, signal.SIGKILL)

    assert 5 < noticed < SECONDS
    line.resume(ref, 3)
    assert line.end_of(ref).exit_code == 0
    line.let_go()
    yard.close()


def test_f43_a_network_that_drops_everything_is_noticed_within_fifteen_seconds(
    ground: Path, client_key: Path, accounts: Callable[[], Account]
) -> None:
    """Nobody closes anything: only our own clocks can tell."""
    with ExitStack() as stack:
        try:
            far_sshd = stack.enter_context(far_away(7))
            sshd = far_sshd(ground / "far-sshd", accounts(), client_key)
            stack.callback(_end_all, sshd)
            sshd.start()
        except (NetworkUnavailable, SshdUnavailable) as reason:
            pytest.skip(f"no host in a network of its own can be had here: {reason}")
        line = Line(ssh_executor(RunnerId(str(uuid4())), sshd.target()))
        ref = line.run(("/bin/sh", "-c", "while :; do echo on; sleep 0.2; done"))
        line.until(lambda: line.printed(ref))
        sshd.cable.pull()
        begun = time.monotonic()
        with pytest.raises(HostUnreachable):
            listen(line, SECONDS)
        assert time.monotonic() - begun < SECONDS


def _end_all(sshd: Sshd) -> None:
    """Nothing can be asked of it any more, so everything of its account is killed."""
    sshd.stop()
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if path.stat().st_uid == sshd.account.uid != os.geteuid():
                os.kill(int(path.name), signal.SIGKILL)
