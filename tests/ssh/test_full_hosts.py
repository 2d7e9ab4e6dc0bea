"""Hosts that have no room left: for files, or for processes."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from runyard.application.ports.executor import Ended, SignalKind, StartOrder, Voided
from tests.contracts.hosts import Line, a_ref
from tests.integration.disks import DiskUnavailable, fill, small_disk

from .conftest import MakeHost
from .far_yard import FarYard
from .sshd import Sshd

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make accounts, and disks that are small")
PROCESSES = 40


@pytest.fixture(scope="module")
def host(make_host: MakeHost) -> Sshd:
    """One whose account is nobody else's."""
    return make_host()


@pytest.fixture
def disk(host: Sshd) -> Iterator[Path]:
    """A small one, for what Runyard keeps there."""
    with ExitStack() as stack:
        owned = {"mode": 700, "uid": host.account.uid, "gid": host.account.gid}
        try:
            disk = stack.enter_context(small_disk(host.account.home / "small", 6 << 20, **owned))
        except DiskUnavailable as reason:
            pytest.skip(f"no small disk can be had here: {reason}")
        yield disk


def test_f53_on_a_full_disk_an_end_is_told_and_a_start_is_given_back(host: Sshd, disk: Path) -> None:
    yard = FarYard(host, work_root=str(disk))
    line = Line(yard.another())
    script = "echo before; while ! test -e ~/go; do sleep 0.05; done; echo after; exit 7"
    running = [StartOrder(ref=a_ref(), command=script) for _ in range(8)]
    line.start(*running)
    line.until(lambda: all(line.printed(order.ref) for order in running))
    rest = disk / "rest"
    fill(rest)

    late = [StartOrder(ref=a_ref(), command=("/bin/true",)) for _ in range(60)]  # a few go into a block that is begun
    line.start(*late)
    line.until(lambda: all(line.told(order.ref, Voided) or line.told(order.ref, Ended) for order in late))
    assert len([order for order in late if line.told(order.ref, Voided)]) > 10

    host.account.write("go", "")
    outcomes = [line.end_of(order.ref) for order in running]
    assert {outcome.exit_code for outcome in outcomes} == {7}
    assert {line.printed(order.ref) for order in running} == {b"before\nafter\n"}

    rest.unlink()
    assert line.end_of(line.run(("/bin/true",))).exit_code == 0
    line.let_go()
    yard.close()


def test_f51_a_fork_bomb_under_a_limit_leaves_room_for_others_and_is_ended(host: Sshd) -> None:
    """The limit is the account's, as an administrator sets it; a job that has none may take what the account may."""
    yard = FarYard(host)
    line = Line(yard.another())
    bomb = line.run(
        ("/bin/bash", "-c", f"ulimit -u {PROCESSES}; echo up; b() {{ b | b & sleep 0.01; }}; while :; do b; done"),
        grace_period=0.5,
    )
    line.until(lambda: line.printed(bomb))
    others = [StartOrder(ref=a_ref(), command=("/bin/sh", "-c", "sleep 0.2; echo fine")) for _ in range(5)]
    line.start(*others)
    ended = [line.end_of(order.ref) for order in others]
    assert [outcome.exit_code for outcome in ended] == [0] * 5

    line.wish(bomb, SignalKind.CANCEL)
    assert line.end_of(bomb).tree_empty is True
    assert jobs_of(host, "ulimit") == []
    line.let_go()
    yard.close()


def jobs_of(host: Sshd, word: str) -> list[int]:
    """The account's processes with this word in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid == host.account.uid and word.encode() in (path / "cmdline").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found
