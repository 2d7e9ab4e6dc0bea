"""An agent in a network of its own, whose cable is pulled, half pulled, and worn out.

With `RUNYARD_AGENTS_FULL=1` a hundred attempts are cut off for two leases, which takes three minutes.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.fields import PlacementFields
from tests.integration.networks import Cable, NetworkUnavailable, network
from tests.integration.server import Server, until

from .box import Box
from .full import sized
from .hurried import a_hurried_server
from .witnesses import ZONE, Witnesses

pytestmark = pytest.mark.servers

CUT_OFF, ROUNDS = sized(4, 25), sized(1, 4)
LONG = 120.0


@pytest.fixture(scope="module")
def cable() -> Iterator[Cable]:
    with ExitStack() as stack:
        try:
            cable = stack.enter_context(network(3))
        except NetworkUnavailable as reason:
            pytest.skip(f"no network can be had here to put an agent into: {reason}")
        yield cable


@pytest.fixture(scope="module")
def server(cable: Cable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """At our end of the cable; its leases are short."""
    server = a_hurried_server(tmp_path_factory.mktemp("yard"), CUT_OFF, RUNYARD_TEST_HOST=cable.ours)
    yield server
    server.close()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.client() as client:
        yield client


@pytest.fixture
def box(server: Server, cable: Cable, client: Client, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A machine at the other end; the server's own runner takes nothing yet."""
    client.runners.cordon("local")
    box = Box(server, tmp_path, request.node.name[:40].replace("[", "-"), slots=CUT_OFF, inside=cable.inside)
    client.runners.edit(box.name, labels={"zone": ZONE})
    box.start()
    yield box
    cable.plug()
    cable.wear_out(lost=0.0, bits_per_second=0.0)
    box.close()


def heard_again(client: Client, box: Box) -> Callable[[], bool]:
    """Whether it was heard of since now."""
    now = datetime.now(UTC)

    def heard() -> bool:
        at = client.runners.get(box.name).heard_at
        return at is not None and at > now

    return heard


def test_f58_a_partition_that_is_shorter_than_the_lease_is_not_noticed_but_by_late_output(
    client: Client, cable: Cable, box: Box
) -> None:
    script = 'for i in $(seq 100); do echo "$i"; sleep 0.05; done'
    where = PlacementFields(runner=box.name)
    jobs = [client.submit(script, placement=where, lost_after=LONG).id for _ in range(3)]
    until(lambda: all(b"".join(client.logs(job)) for job in jobs))
    cable.pull()
    time.sleep(sized(4, 45))  # the fault itself: how long the cable is pulled
    cable.plug()
    done = [client.wait(job, timeout=90) for job in jobs]

    assert [(job.state, job.attempt) for job in done] == [("succeeded", 1)] * 3
    written = b"".join(b"%d\n" % i for i in range(1, 101))
    assert [b"".join(client.logs(job)) for job in jobs] == [written] * 3


@pytest.mark.timeout(sized(300, 600))
def test_f59_whoever_is_cut_off_for_two_leases_has_ended_everything_before_it_runs_elsewhere(
    client: Client, cable: Cable, box: Box, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    apart: list[float] = []
    for number in range(ROUNDS):
        witnesses = Witnesses(client, tmp_path / f"witnesses-{number}")
        witnesses.start(CUT_OFF)
        lease = client.attempts(witnesses.jobs[0])[0].lease
        assert lease is not None
        client.runners.uncordon("local")
        assert witnesses.kept(box)
        pulled = time.monotonic()
        cable.pull()
        witnesses.live(2)
        assert witnesses.processes(1) == []
        time.sleep(max(0.0, pulled + 2 * lease - time.monotonic()))  # the fault itself: two leases
        apart += witnesses.apart()
        back = heard_again(client, box)
        cable.plug()
        until(back, seconds=60)
        client.runners.cordon("local")

        until(lambda: not witnesses.kept(box))  # noqa: B023 - called at once
        assert witnesses.apart() == apart[-CUT_OFF:], "who comes back starts nothing anew"
        assert [(job.state, job.attempt, job.runner) for job in witnesses.end()] == [
            ("succeeded", 2, "local")
        ] * CUT_OFF

    record_property("least seconds between the end of the old tree and the start of the new one", round(min(apart), 2))
    print(f"{len(apart)} new trees began {min(apart):.2f} to {max(apart):.2f} s after the end of the old ones")
    assert min(apart) > 0


def test_f62_whoever_can_speak_and_not_hear_has_ended_everything_before_it_runs_elsewhere(
    client: Client, cable: Cable, box: Box, tmp_path: Path
) -> None:
    witnesses = Witnesses(client, tmp_path / "witnesses")
    witnesses.start(CUT_OFF)
    client.runners.uncordon("local")
    cable.deafen()
    witnesses.live(2)
    assert witnesses.processes(1) == []
    assert min(witnesses.apart()) > 0
    back = heard_again(client, box)
    cable.plug()
    until(back, seconds=60)

    assert [(job.state, job.attempt, job.runner) for job in witnesses.end()] == [("succeeded", 2, "local")] * CUT_OFF


@pytest.mark.timeout(300)
def test_f63_on_a_bad_line_everything_takes_longer_and_nothing_is_lost(client: Client, cable: Cable, box: Box) -> None:
    """Every twentieth packet is lost, and a megabit passes in a second."""
    cable.wear_out(lost=0.05, bits_per_second=1e6)
    script = 'i=0; while [ $i -lt 2000 ]; do echo "$RUNYARD_JOB_ID $i"; i=$((i+1)); done'
    where = PlacementFields(runner=box.name)
    jobs = [client.submit(script, placement=where, lost_after=LONG).id for _ in range(sized(4, 50))]
    done = [client.wait(job, timeout=240) for job in jobs]

    assert [(job.state, job.attempt) for job in done] == [("succeeded", 1)] * len(jobs)
    for job in jobs:
        written = "".join(f"{job} {i}\n" for i in range(2000)).encode()
        assert hashlib.sha256(b"".join(client.logs(job))).digest() == hashlib.sha256(written).digest()
