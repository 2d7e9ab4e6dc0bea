"""Agents at work: what they run, and how they leave."""

import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from runyard.entrypoints.client.client import Client
from tests.integration.server import Server, processes_with, until

from .box import Box

pytestmark = pytest.mark.servers

Boxes = Callable[..., Box]
MARK = f"agent-{uuid4()}"


def ends_at(go: Path) -> str:
    """A job that ends once there is this file."""
    return f"until test -e {go}; do sleep 0.1; done; echo done"


def output(client: Client, job: str) -> bytes:
    return b"".join(client.logs(job))


def test_jobs_run_with_all_they_asked_for_and_tell_their_ends(server: Server, boxes: Boxes) -> None:
    box = boxes("worker")
    box.start()
    with server.client() as client:
        client.secrets.set("greeting", "hush-hush-42")
        done = client.submit(
            'cat; echo "$WHO in $PWD"; echo "$HUSH" >&2; echo \'{"percent": 50}\' >> "$RUNYARD_REPORT"; exit 3',
            placement={"runner": "worker"},
            env={"WHO": "ann"},
            cwd="/tmp",
            stdin="given\n",
            secrets={"HUSH": "greeting"},
        )
        job = client.wait(done, timeout=60)

        assert (job.state, job.exit_code, job.progress and job.progress.percent) == ("failed", 3, 50)
        assert output(client, job.id) == b"given\nann in /tmp\n[masked]\n"
        assert [*client.logs(job.id, stream="stderr")] == [b"[masked]\n"]
        shown = client.runners.get("worker")
        assert (shown.state, shown.kind, shown.busy) == ("online", "agent", 0)
        assert shown.agent is not None
        assert shown.agent["facts"]["cpus"] > 0
        assert shown.agent["disk_free"] > 0
        placed = client.submit(["true"], placement={"labels": {"fact/hostname": shown.agent["facts"]["hostname"]}})
        assert client.wait(placed, timeout=60).succeeded
    assert box.status()["state"] == "connected"


def test_a_job_may_call_the_server_that_its_agent_calls(server: Server, boxes: Boxes) -> None:
    boxes("calling").start()
    submits = f"{sys.executable} -m runyard.entrypoints.cli submit --runner calling --not-before 2040-01-01T00:00:00Z"
    script = f'echo "$RUNYARD_URL"; echo "$RUNYARD_TOKEN"; {submits} -- true > /dev/null 2>&1 && echo submitted'
    with server.client() as client:
        job = client.wait(client.submit(script, placement={"runner": "calling"}, access="submit"), timeout=60)
        (child,) = [each for each in client.list() if each.parent == job.id]

        assert output(client, job.id) == f"{server.address['url']}\n[masked]\nsubmitted\n".encode()
        client.cancel(child)


def test_a_cancel_reaches_the_whole_tree_at_once(server: Server, boxes: Boxes) -> None:
    boxes("canceller").start()
    with server.client() as client:
        job = client.submit("sleep 1234.5 & sleep 1234.5", placement={"runner": "canceller"}, env={"MARK": MARK})
        until(lambda: len(processes_with(MARK)) >= 2)
        client.cancel(job)

        assert client.wait(job, timeout=30).state == "cancelled"
    assert processes_with(MARK) == []


def test_what_is_given_up_in_the_books_is_ended_on_its_machine(server: Server, boxes: Boxes) -> None:
    boxes("given-up").start()
    with server.client() as client:
        mark = {"MARK": f"given-up-{MARK}"}
        job = client.submit("trap '' TERM; sleep 1234.5", placement={"runner": "given-up"}, env=mark)
        until(lambda: len(processes_with(f"given-up-{MARK}")) >= 2)

        assert client.force_finish(job, "it is wanted nowhere").reason == "forced"
        until(lambda: processes_with(f"given-up-{MARK}") == [])


def test_told_to_stop_it_lets_what_runs_end_and_takes_nothing_more(
    server: Server, boxes: Boxes, tmp_path: Path
) -> None:
    box = boxes("drained")
    box.start()
    with server.client() as client:
        running = client.submit(ends_at(tmp_path / "go"), placement={"runner": "drained"})
        until(lambda: client.get(running.id).state == "running")
        box.send(signal.SIGTERM)
        until(lambda: box.status()["state"] == "draining")
        late = client.submit(["true"], placement={"runner": "drained"})
        (tmp_path / "go").touch()

        assert box.left() == 0
        assert client.get(running.id).succeeded
        assert client.get(late.id).state == "queued"
        assert client.runners.get("drained").state == "offline"
        assert box.status()["state"] == "stopped"
        box.start()
        assert client.wait(late, timeout=60).succeeded
        client.runners.drain("drained", note="new disk")
        until(lambda: next(client.runners.events("drained")).kind == "drained")
        told = [*reversed([event.kind for event in client.runners.events("drained")])]
    assert told == ["registered", "online", "offline", "online", "draining", "drained"]
    assert box.lists("events", "drained", "--limit", "2") == ["drained", "draining"]


def test_told_to_stop_now_it_leaves_what_runs_to_the_next_one(server: Server, boxes: Boxes, tmp_path: Path) -> None:
    box = boxes("hurried")
    box.start()
    with server.client() as client:
        running = client.submit(ends_at(tmp_path / "go"), placement={"runner": "hurried"})
        until(lambda: client.get(running.id).state == "running")

        assert box.says("stop", "--now", "--timeout", "50s").returncode == 0
        assert box.left() == 0
        (tmp_path / "go").touch()
        box.start()
        done = client.wait(running, timeout=60)

        assert (done.succeeded, done.attempt) == (True, 1)
        assert output(client, done.id) == b"done\n"


def test_an_ephemeral_agent_runs_one_job_and_leaves(server: Server, boxes: Boxes) -> None:
    box = boxes("once", ephemeral="true")
    with server.client() as client:
        jobs = [client.submit(["true"], placement={"runner": "once"}) for _ in range(2)]
        box.start()

        assert box.left() == 0
        assert sorted(client.get(job.id).state for job in jobs) == ["queued", "succeeded"]


def test_an_agent_that_is_idle_for_long_enough_leaves(server: Server, boxes: Boxes) -> None:
    box = boxes("idler", idle_timeout="1")
    box.start()

    assert box.left() == 0
    assert box.status()["why"] == "there was nothing to do for long enough"


def test_an_agent_whose_disk_is_full_takes_nothing_and_says_so(server: Server, boxes: Boxes) -> None:
    box = boxes("full", min_free_bytes=str(1 << 60))
    with server.client() as client:
        job = client.submit(["true"], placement={"runner": "full"})
        box.start()
        until(lambda: "nothing is taken below" in str(box.status().get("wrong")))
        until(lambda: client.runners.get("full").refuses)
        (verdict,) = [each for each in client.explain(job).runners if each.runner == "full"]

        assert client.get(job.id).state == "queued"
        assert [each.code for each in verdict.obstacles] == ["host_refuses"]
        assert "nothing is taken below" in verdict.obstacles[0].message


def test_f61_a_copy_of_a_machine_is_not_let_in_while_the_machine_is_there(
    server: Server, boxes: Boxes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    box, copy = boxes("original"), boxes("copied")
    box.start()
    shutil.rmtree(copy.folder)
    shutil.copytree(box.folder, copy.folder, ignore=shutil.ignore_patterns("host", "lock"))
    copy.begin()

    until(lambda: "standing by" in copy.errors())
    with server.client() as client:
        job = client.wait(client.submit(["true"], placement={"runner": "original"}), timeout=60)
        assert job.succeeded
        alarm = (client.runners.get("original").agent or {})["alarm"]
        assert "another process" in alarm["why"]


def test_f61_a_machine_whose_token_was_replaced_leaves_and_says_what_to_do(server: Server, boxes: Boxes) -> None:
    box = boxes("shut-out")
    box.start()
    with server.client() as client:
        assert client.runners.revoke("shut-out") >= 1

    assert box.left() == 4
    assert "was revoked" in box.errors()
    assert box.says("register", "--url", server.address["url"], given=box.registration.token).returncode == 4


def test_a_machine_that_waits_for_work_hears_within_a_second_that_its_token_was_revoked(server: Server) -> None:
    free, answers = 123_456_789, list[Any]()
    with server.client() as client, httpx2.Client(base_url=f"{server.address['url']}/api/v1/agent/") as machine:
        _, joining = client.runners.add_agent("waiting")
        machine.headers["Authorization"] = f"Bearer {joining.token}"
        machine.headers["Authorization"] = f"Bearer {machine.post('register', json={}).json()['token']}"
        epoch = machine.post("session", json={"driver": "waiting"}).json()["epoch"]
        asked = {"epoch": epoch, "wait": 30, "room": {"disk": free}}
        waiting = Thread(target=lambda: answers.append(machine.post("sync", json=asked, timeout=40)))
        waiting.start()
        until(lambda: (client.runners.get("waiting").agent or {})["disk_free"] == free)  # it was heard, and waits

        client.runners.revoke("waiting")
        waiting.join(20)  # of the thirty seconds that it would wait

        assert [answer.json()["asked"] for answer in answers] == [True]
        assert machine.post("sync", json=asked).status_code == 401


def test_tokens_are_exchanged_while_jobs_run(server: Server, boxes: Boxes) -> None:
    box = boxes("rotating", rotate_every="0.2")
    first = (box.folder / "token").read_text()
    box.start()
    with server.client() as client:
        jobs = [client.submit("sleep 0.5; echo $RUNYARD_JOB_ID", placement={"runner": "rotating"}) for _ in range(6)]

        assert all(client.wait(job, timeout=60).succeeded for job in jobs)
        assert (client.runners.get("rotating").agent or {})["alarm"] is None
    assert (box.folder / "token").read_text() != first
    kept = sqlite3.connect(server.database).execute("select count(*), count(used_at) from runner_pass").fetchone()
    assert kept[1] > 5


def test_what_cannot_be_meant_is_named(server: Server, boxes: Boxes) -> None:
    box = boxes("puzzled", ephemeral="perhaps", rotate_every="soon")
    (box.folder / "agent.toml").write_text('url = "http://x"\nslots = 3\n')
    box.begin()

    assert box.left() == 2
    told = box.errors()
    assert all(each in told for each in ("'perhaps'", "'soon'", "'slots' is no setting"))
