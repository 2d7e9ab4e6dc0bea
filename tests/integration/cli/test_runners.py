"""Running the machine that takes the jobs, from the command line and from programs."""

import json
import sys
from datetime import UTC, datetime

import pytest

from runyard import embedded
from tests.integration.server import until

pytestmark = pytest.mark.machine


def shown(runyard, runner: str = "local") -> dict[str, object]:
    found: dict[str, object] = json.loads(runyard("runner", "show", runner, "--json").stdout)
    return found


def test_a_runner_is_listed_shown_edited_closed_and_opened(runyard) -> None:
    until(lambda: shown(runyard)["state"] == "online")
    (row,) = [line.split("\t") for line in runyard("runner", "list").stdout.decode().splitlines()]
    assert row[:6] == ["local", "local", "online", "open", "0", "4"]
    assert runyard("runner", "list", "-q").stdout == b"local\n"

    edited = runyard("runner", "edit", "local", "--slots", "3", "--label", "zone=a", "--label", "b", "--queue", "*")
    assert edited.stdout.decode().split("\t")[5:8] == ["3", "*", "b= zone=a"]
    runyard("runner", "edit", "local", "--no-label", "b")
    assert shown(runyard)["labels"] == {"zone": "a"}

    assert b"\tcordoned\t" in runyard("runner", "cordon", "local", "--note", "disk").stdout
    waiting = runyard("submit", "--", "true").stdout.decode().strip()
    refused = runyard("runner", "pause", "local", "--for", "1m")
    assert (refused.returncode, b"uncordon it first" in refused.stderr) == (5, True)
    assert json.loads(runyard("job", "show", waiting, "--json").stdout)["state"] == "queued"
    assert b"\topen\t" in runyard("runner", "uncordon", "local").stdout
    until(lambda: json.loads(runyard("job", "show", waiting, "--json").stdout)["state"] == "succeeded")


def test_a_pause_ends_by_itself_and_a_drain_at_its_deadline(runyard) -> None:
    runyard("runner", "uncordon", "local")
    assert shown(runyard)["availability"] == "open"
    runyard("runner", "pause", "local", "--for", "300ms", "--note", "backup")
    assert runyard("run", "--", "true").returncode == 0

    job_id = runyard("submit", "--", "sleep", "300").stdout.decode().strip()
    until(lambda: shown(runyard)["busy"] == 1)
    assert b"\tdraining\t" in runyard("runner", "drain", "local", "--within", "1s").stdout
    until(lambda: json.loads(runyard("job", "show", job_id, "--json").stdout)["state"] == "cancelled")
    assert shown(runyard)["drained"] is True
    assert runyard("runner", "uncordon", "local").returncode == 0


def test_what_cannot_be_done_to_a_runner_is_said(runyard) -> None:
    for argv, code, said in (
        (("show", "nobody"), 3, b"runyard runner list"),
        (("remove", "local"), 5, b"it is driven"),
        (("edit", "local"), 2, b"nothing to change"),
        (("pause", "local"), 2, b"a pause ends by itself"),
        (("edit", "local", "--slots", "-1"), 2, b"/slots"),
    ):
        done = runyard("runner", *argv)
        assert (done.returncode, said in done.stderr) == (code, True), done.stderr


def test_an_embedded_yard_has_the_same_runners_and_keeps_their_edits(tmp_path) -> None:
    with embedded(tmp_path, slots=1) as yard:
        until(lambda: yard.runners.get("local").state == "online")
        (runner,) = yard.runners.list()
        assert (runner.name, runner.slots) == ("local", 1)
        yard.runners.edit("local", slots=2, queues=["default"], labels={"zone": "a"}, revision=runner.revision)
        jobs = [yard.submit([sys.executable, "-c", "import time; time.sleep(60)"]) for _ in range(2)]
        until(lambda: yard.runners.get("local").busy == 2)
        for job in jobs:
            yard.wait(yard.cancel(job), timeout=60)
        yard.runners.cordon(runner.id, note="disk")

    with embedded(tmp_path) as yard:
        again = yard.runners.get("local")
        assert (again.slots, again.queues, again.labels) == (2, ["default"], {"zone": "a"})
        assert (again.availability, again.note) == ("cordoned", "disk")


def test_a_queue_is_paused_listed_and_resumed(runyard) -> None:
    runyard("runner", "uncordon", "local")
    paused = runyard("queue", "pause", "default", "--reason", "maintenance", "--for", "1h").stdout.decode().split("\t")
    assert (paused[:2], paused[5].strip()) == (["default", "paused"], "maintenance")
    job_id = runyard("submit", "--require", "zone=moon", "--", "true").stdout.decode().strip()
    until(lambda: json.loads(runyard("queue", "list", "--json").stdout)[0]["waiting"] == 1)

    assert b"\topen\t1\t" in runyard("queue", "resume", "default").stdout
    elsewhere = runyard("queue", "pause", "default", RUNYARD_PROJECT="nowhere")
    assert (elsewhere.returncode, b"nowhere" in elsewhere.stderr) == (3, True)
    warned = runyard("submit", "--runner", "moon", "--", "true")
    assert b"warning: no runner known now is called 'moon'" in warned.stderr
    for waiting in (job_id, "@last"):
        assert runyard("cancel", waiting).returncode == 0


def test_a_job_goes_where_it_is_placed(runyard) -> None:
    runyard("runner", "edit", "local", "--label", "zone=moon")

    assert runyard("run", "--runner", "local", "--require", "zone=moon", "--", "true").returncode == 0
    runyard("runner", "edit", "local", "--no-label", "zone")


def test_a_registration_token_is_good_as_long_as_it_is_told(runyard) -> None:
    def lives(*command: str) -> float:
        told = json.loads(runyard("runner", *command, "--json").stdout)
        expires_at = told.get("registration", told)["expires_at"]
        return (datetime.fromisoformat(expires_at) - datetime.now(UTC)).total_seconds()

    assert 7100 < lives("add", "agent", "short-lived", "--expires-in", "2h") <= 7200
    assert 500 < lives("token", "short-lived", "--expires-in", "10m") <= 600
    assert 3500 < lives("token", "short-lived") <= 3600
    runyard("runner", "remove", "short-lived")
