"""The way to the server fails by something in between; the jobs do not notice."""

import shutil
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest

from runyard.entrypoints.agent.home import Home
from runyard.entrypoints.client.client import Client
from tests.integration.server import Server, until

from .between import Between
from .box import Box

pytestmark = pytest.mark.servers

WITHOUT_NAMES = "tests.integration.agents.without_names"


@pytest.fixture
def between(server: Server, tmp_path: Path) -> Iterator[Between]:
    between = Between(server.address["url"], tmp_path)
    yield between
    between.close()


def behind(between: Between, boxes: Callable[..., Box], name: str, **more: str) -> Box:
    return boxes(name, url=between.url, ca_file=str(between.ca_file), **more)


def works(client: Client, box: Box) -> bool:
    return client.wait(client.submit(["true"], placement={"runner": box.name}), timeout=60).succeeded


def test_f67_names_certificates_and_proxies_may_fail_and_the_agent_comes_back_by_itself(
    server: Server, between: Between, boxes: Callable[..., Box], tmp_path: Path
) -> None:
    box = behind(between, boxes, "behind", program=WITHOUT_NAMES)
    no_names = tmp_path / "no-names"
    box.start()
    with server.client() as client:
        script = f'i=0; until test -e {tmp_path}/enough; do i=$((i+1)); echo $i; sleep 0.1; done; echo "end $i"'
        job = client.submit(script, placement={"runner": box.name}, on_lost="fail").id
        until(lambda: b"".join(client.logs(job)))

        def names_fail() -> None:
            no_names.touch()
            between.cut()

        def is_cured() -> None:
            no_names.unlink(missing_ok=True)
            between.is_well()

        faults = {
            "name resolution": names_fail,
            "certificate has expired": between.shows_an_expired_certificate,
            "answered 502": between.says_bad_gateway,
        }
        for complaint, fails in faults.items():
            fails()
            until(lambda: box.errors().count(complaint) >= 2)  # noqa: B023 - called at once
            until(lambda: Home(box.folder).told()["state"] == "disconnected")
            is_cured()
            begun = time.monotonic()
            assert works(client, box)
            took = time.monotonic() - begun
            print(f"{complaint}: at work {took:.1f} s after the cure")
            assert took < 60
        (tmp_path / "enough").touch()
        done = client.wait(job, timeout=60)

        assert (done.state, done.attempt) == ("succeeded", 1)
        *lines, last = b"".join(client.logs(job)).decode().splitlines()
        assert lines == [str(i) for i in range(1, len(lines) + 1)]
        assert last == f"end {len(lines)}"


def test_f83_answers_to_exchanges_that_are_lost_lock_nobody_out_and_a_copy_is_still_found_out(
    server: Server, between: Between, boxes: Callable[..., Box], tmp_path: Path
) -> None:
    box = behind(between, boxes, "exchanging", rotate_every="0.3")
    lost = cycle([True, True, False])
    between.swallows = lambda: next(lost)
    box.start()
    first = (box.folder / "token").read_text()
    with server.client() as client:
        jobs = [client.submit("sleep 0.5; echo done", placement={"runner": box.name}) for _ in range(6)]
        assert all(client.wait(job, timeout=60).succeeded for job in jobs)
        until(lambda: between.swallowed >= 4)
        until(lambda: (box.folder / "token").read_text() != first)
        assert works(client, box)
        assert (client.runners.get(box.name).agent or {})["alarm"] is None

        copied = boxes("taken")
        shutil.rmtree(copied.folder)
        shutil.copytree(box.folder, copied.folder, ignore=shutil.ignore_patterns("host", "lock"))
        (copied.folder / "token").write_text(first)
        time.sleep(5)  # so long a token outlives the first use of its successor
        copied.begin()
        assert copied.left() == 4
        assert "was replaced by a newer one" in copied.errors()
        assert "was copied" in (client.runners.get(box.name).agent or {})["alarm"]["why"]
        assert works(client, box)
