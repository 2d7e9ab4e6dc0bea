"""Workers and a host reached by SSH: whoever dies, what runs there goes on."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.fields import JobRequest
from tests.integration.conftest import postgres_server, postgres_url, valkey, valkey_server
from tests.integration.installation import Installation, Process
from tests.integration.production.conftest import installation
from tests.integration.server import until

from .far_yard import end_supervisors
from .full import sized
from .sshd import Sshd
from .test_links import writer, written

__all__ = ["installation", "postgres_server", "postgres_url", "valkey", "valkey_server"]  # fixtures

pytestmark = [pytest.mark.timeout(sized(300, 600))]

LEASE = 3.0
JOBS = 50
AT_ONCE = 500
SIZE = 1 << 17
AWAY = sized(5.0, 300.0)  # seconds in which nobody reaches the host; the jobs take three

Note = Callable[[str, object], None]


@pytest.fixture
def far(installation: Installation, host: Sshd) -> Iterator[Client]:
    """A client of a server that knows the host as `far`, online when a worker is there."""
    client = installation.serve().client()
    key = f"{host.host_key.type} {host.host_key.data}"
    client.runners.add_ssh(
        "far",
        host="127.0.0.1",
        user=host.account.name,
        host_keys=[key],
        port=host.port,
        key={"file": str(host.client_key)},
        slots=AT_ONCE,
    )
    yield client
    client.close()
    end_supervisors(host)


def online(client: Client) -> bool:
    return client.runners.get("far").state == "online"


def driving(client: Client, workers: list[Process]) -> Process:
    """The worker whose process drives the host."""
    driver = client.runners.get("far").driver or ""
    return next(worker for worker in workers if f":{worker.told['pid']}:" in driver)


def resident(pid: int) -> int:
    """Bytes of memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))


def test_f3_a_killed_worker_is_followed_by_another_and_fifty_jobs_never_notice(
    installation: Installation, far: Client, ground: Path, record_property: Note
) -> None:
    gate = ground / f"gate-{uuid4()}"
    workers = [installation.worker(), installation.worker()]
    until(lambda: online(far))
    jobs = [far.submit(writer(seed, SIZE, gate), owner="o", placement={"runner": "far"}).id for seed in range(JOBS)]
    until(lambda: far.runners.get("far").busy == JOBS and far.get(jobs[-1]).state == "running")
    driving(far, workers).kill()
    gate.touch()
    killed = installation.driver("far")
    late = killed.followed_late(installation.followed("far", killed))
    record_property("seconds from the end of the lease until adopted", round(late, 2))
    assert late < 2

    ended = [far.wait(job, timeout=60) for job in jobs]
    assert {(job.state, job.attempt) for job in ended} == {("succeeded", 1)}
    wrong = [seed for seed, job in enumerate(jobs) if b"".join(far.logs(job)) != written(seed, SIZE)]
    assert wrong == []


def test_jobs_end_and_are_collected_while_worker_and_link_are_gone(
    installation: Installation, far: Client, host: Sshd, ground: Path
) -> None:
    gate = ground / f"gate-{uuid4()}"
    worker = installation.worker()
    until(lambda: online(far))
    jobs = [far.submit(writer(seed, SIZE, gate), owner="o", placement={"runner": "far"}).id for seed in range(10)]
    until(lambda: {far.get(job).state for job in jobs} == {"running"})
    worker.kill()
    host.stop()
    host.cut()
    gate.touch()
    time.sleep(AWAY)  # the fault itself: how long worker and link are gone
    assert {far.get(job).state for job in jobs} == {"running"}
    host.start()
    installation.worker()

    ended = [far.wait(job, timeout=60) for job in jobs]
    assert {(job.state, job.attempt) for job in ended} == {("succeeded", 1)}
    assert [seed for seed, job in enumerate(jobs) if b"".join(far.logs(job)) != written(seed, SIZE)] == []


def test_five_hundred_jobs_run_at_once_over_one_connection(
    installation: Installation, far: Client, host: Sshd, ground: Path, record_property: Note
) -> None:
    worker = installation.worker()
    until(lambda: online(far))
    gate = ground / f"gate-{uuid4()}"
    os.mkfifo(gate)
    gate.chmod(0o666)
    pid = int(worker.told["pid"])
    far.wait(far.submit(["true"], owner="o", placement={"runner": "far"}), timeout=60)
    (supervisor,) = _supervisors(host)
    before = resident(pid), resident(supervisor)
    command = ["/bin/sh", "-c", f"echo $$; exec cat {gate}"]
    asked: list[JobRequest] = [
        {"command": command, "placement": {"runner": "far"}, "name": str(number)} for number in range(AT_ONCE)
    ]
    jobs = [str(each.id) for each in far.submit_many(asked)]
    assert len(jobs) == AT_ONCE
    until(lambda: len(list(far.list(state="running"))) == AT_ONCE, seconds=60)
    after = resident(pid), resident(supervisor)
    assert len(host.sessions()) <= 2  # sshd's two processes of one connection
    for which, first, then in zip(("worker", "supervisor"), before, after, strict=True):
        record_property(f"bytes of the {which} per running job", (then - first) // AT_ONCE)
    with gate.open("w"):
        pass

    until(lambda: not far.runners.get("far").busy, seconds=60)
    ended = [job for job in far.list(state="succeeded") if job.name]
    assert (len(ended), {job.attempt for job in ended}) == (AT_ONCE, {1})
    assert len({b"".join(far.logs(job)) for job in jobs[::20]}) == AT_ONCE // 20
    assert after[1] - before[1] < AT_ONCE * (16 << 10)


def _supervisors(host: Sshd) -> list[int]:
    """The processes of the host's account that serve."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if b"serve" in words and str(host.account.home).encode() in b" ".join(words):
                found.append(int(path.parent.name))
    return found
