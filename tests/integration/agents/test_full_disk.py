"""The disk of an agent's machine is full."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from runyard.entrypoints.agent.home import Home
from tests.integration.disks import DiskUnavailable, fill, small_disk
from tests.integration.server import Server, until

from .box import Box

pytestmark = pytest.mark.servers


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of an agent that is called `small`."""
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(small_disk(tmp_path / "small", 4 << 20))
        except DiskUnavailable as reason:
            pytest.skip(f"no small disk can be had here: {reason}")
        yield disk


def test_f53_an_agent_whose_disk_is_full_goes_on_and_tells_what_ends(
    server: Server, disk: Path, boxes: Callable[..., Box]
) -> None:
    box = boxes("small", rotate_every="1", min_free_bytes="0")
    ballast, go_on = disk / "ballast", disk.parent / "go"
    box.start()
    with server.client() as client:
        script = f"echo before; until test -e {go_on}; do sleep 0.05; done; echo after"
        job = client.submit(script, placement={"runner": "small"}, on_lost="fail").id
        until(lambda: b"".join(client.logs(job)))
        fill(ballast)
        until(lambda: "the token could not be exchanged" in box.errors(), seconds=30)
        kept = Home(disk).token()
        go_on.touch()
        done = client.wait(job, timeout=30)

        assert (done.state, done.attempt) == ("succeeded", 1)
        assert b"".join(client.logs(job)) == b"before\nafter\n"
        assert Home(disk).token() == kept
        ballast.unlink()
        until(lambda: Home(disk).token() != kept, seconds=30)
        late = client.submit(["true"], placement={"runner": "small"})
        assert client.wait(late, timeout=30).succeeded
